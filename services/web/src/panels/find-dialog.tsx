import type { Client } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Choice, Field, Form } from '../ui/form.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useAction } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';
import { Pages } from './pages.tsx';
import { PeopleSearch } from './people-search.tsx';

export interface FindDialogProps {
  readonly chat: Chat;
  readonly onClose: () => void;
}

/** New conversations: with a person, with several, or a channel that is there already. */
export function FindDialog({ chat, onClose }: FindDialogProps) {
  const texts = useTexts();
  const { client, me } = chat;
  const open = async (cid: string) => {
    await chat.openNew(cid);
    onClose();
  };
  const talkTo = async (user: string) => {
    const { cid } = await client.call('conversations.create', { kind: 'dm', participants: [user] });
    await open(cid);
  };
  return (
    <Dialog title={texts.newConversation} onClose={onClose}>
      <Tabs
        label={texts.newConversation}
        tabs={[
          {
            name: texts.person,
            show: () => (
              <PeopleSearch client={client} me={me} label={texts.searchPeople}>
                {({ userId, displayName }) => (
                  <ActionButton text={texts.talk} label={texts.talkTo(displayName)} work={() => talkTo(userId)} />
                )}
              </PeopleSearch>
            ),
          },
          { name: texts.channels, show: () => <Channels client={client} onOpen={open} /> },
          { name: texts.create, show: () => <NewRoom client={client} me={me} onCreated={open} /> },
        ]}
      />
    </Dialog>
  );
}

interface ChannelsProps {
  readonly client: Client;
  readonly onOpen: (cid: string) => Promise<void>;
}

function Channels({ client, onOpen }: ChannelsProps) {
  const texts = useTexts();
  const [text, setText] = useState('');
  const q = text.trim();
  const load = useCallback(
    (cursor: string | undefined) =>
      client.call('directory.list', { limit: 20, ...(q !== '' && { q }), ...(cursor !== undefined && { cursor }) }),
    [client, q],
  );
  const join = async (cid: string, joined: boolean) => {
    if (!joined) await client.call('participants.join', { cid });
    await onOpen(cid);
  };
  return (
    <>
      <Field label={texts.searchChannels} type="search" value={text} onValue={setText} maxLength={100} />
      <Pages label={texts.channels} load={load} keyOf={({ cid }) => cid} none={texts.noChannels}>
        {({ cid, name, topic, members, joined, openToListeners }) => (
          <div className="person">
            <span className="person-name">
              <bdi>{name ?? '…'}</bdi>
              <small>{[texts.people(members), ...(topic === null ? [] : [topic])].join(' · ')}</small>
            </span>
            {joined !== true && openToListeners && (
              <ActionButton text={texts.listen} label={texts.listenToOne(name ?? '')} work={() => onOpen(cid)} />
            )}
            <ActionButton
              text={joined === true ? texts.open : texts.join}
              label={joined === true ? texts.openOne(name ?? '') : texts.joinOne(name ?? '')}
              work={() => join(cid, joined === true)}
            />
          </div>
        )}
      </Pages>
    </>
  );
}

type NewKind = 'group' | 'private' | 'public';

interface NewRoomProps {
  readonly client: Client;
  readonly me: string;
  readonly onCreated: (cid: string) => Promise<void>;
}

function NewRoom({ client, me, onCreated }: NewRoomProps) {
  const texts = useTexts();
  const [kind, setKind] = useState<NewKind>('group');
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const [idempotencyKey] = useState(() => `web-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`);
  const action = useAction();
  async function create(): Promise<void> {
    const named = name.trim() === '' ? {} : { name: name.trim() };
    const participants = [...chosen.keys()];
    const { cid } = await client.call('conversations.create', { kind, ...named, participants, idempotencyKey });
    await onCreated(cid);
  }
  return (
    <>
      <Form action={action} submit={texts.create} onSubmit={() => void action.run(create)}>
        <Choice label={texts.kind} value={kind} options={texts.kinds} onValue={setKind} />
        <Field label={texts.roomName} value={name} onValue={setName} maxLength={200} required={kind !== 'group'} />
        {chosen.size > 0 && <p role="status">{texts.together([...chosen.values(), texts.you])}</p>}
      </Form>
      <PeopleSearch client={client} me={me} label={texts.searchPeople}>
        {({ userId, displayName }) => (
          <button
            type="button"
            className="secondary"
            aria-label={chosen.has(userId) ? texts.leaveOut(displayName) : texts.addOne(displayName)}
            onClick={() => {
              const others = new Map(chosen);
              if (!others.delete(userId)) others.set(userId, displayName);
              setChosen(others);
            }}
          >
            {chosen.has(userId) ? '✓' : texts.add}
          </button>
        )}
      </PeopleSearch>
    </>
  );
}

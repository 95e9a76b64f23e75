import { useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { Choice, Field, Form, Problem, Switch } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';
import { mayDelete, mayGovern, mayRename } from './may.ts';
import type { RoomProps } from './members.tsx';

/** The last moment that a date can name. */
const FOR_EVER = 8_640_000_000_000_000;
const SLOW = [0, 5, 10, 30, 60, 300, 900, 3_600] as const;

/** What a conversation is, and what it is for oneself. */
export function RoomSettings({ chat, conversation, onLeft }: RoomProps & { readonly onLeft: () => void }) {
  const texts = useTexts();
  const { cid, info } = conversation;
  const { client } = chat;
  return (
    <>
      <h3>{texts.forMe}</h3>
      <OwnSettings chat={chat} conversation={conversation} />
      {mayRename(info) && <Naming chat={chat} conversation={conversation} />}
      {mayGovern(info) && <Governing chat={chat} conversation={conversation} />}
      {info.kind !== 'dm' && (
        <div className="ending">
          <ActionButton
            text={texts.leave}
            ask={texts.leaveAsk}
            work={() => client.call('participants.leave', { cid })}
            onDone={onLeft}
          />
          {mayDelete(info) && (
            <ActionButton
              text={texts.deleteRoom}
              ask={texts.deleteRoomAsk}
              work={() => client.call('conversations.delete', { cid })}
              onDone={onLeft}
            />
          )}
        </div>
      )}
    </>
  );
}

function OwnSettings({ chat, conversation: { cid, info } }: RoomProps) {
  const texts = useTexts();
  const { error, run } = useAction();
  const { settings } = info;
  if (settings === null) return null;
  const set = (change: { pinned?: boolean; silentUntil?: number | null; level?: 'all' | 'mentions' | 'none' }) =>
    run(() => chat.changeSettings(cid, change));
  return (
    <>
      <Switch label={texts.pinned} on={settings.pinned} onChange={(pinned) => set({ pinned })} />
      <Switch
        label={texts.silent}
        on={settings.silentUntil !== null}
        onChange={(on) => set({ silentUntil: on ? FOR_EVER : null })}
      />
      <Choice
        label={texts.level}
        value={settings.level}
        options={texts.levels}
        onValue={(level) => void set({ level })}
      />
      <Problem text={error} />
    </>
  );
}

function Naming({ chat, conversation: { cid, info } }: RoomProps) {
  const texts = useTexts();
  const action = useAction();
  const [name, setName] = useState(info.name ?? '');
  const [topic, setTopic] = useState(info.topic ?? '');
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
  return (
    <Form
      action={action}
      submit={texts.save}
      onSubmit={() => void action.run(() => chat.changeRoom(cid, { name: orNull(name), topic: orNull(topic) }))}
    >
      <h3>{texts.forAll}</h3>
      <Field label={texts.roomName} value={name} onValue={setName} maxLength={200} />
      <Field label={texts.topic} value={topic} onValue={setTopic} maxLength={1_000} />
    </Form>
  );
}

function Governing({ chat, conversation: { cid, info } }: RoomProps) {
  const texts = useTexts();
  const { error, run } = useAction();
  const set = (change: Parameters<typeof chat.changeRoom>[1]) => run(() => chat.changeRoom(cid, change));
  const slow = Object.fromEntries(SLOW.map((seconds) => [String(seconds), texts.seconds(seconds)]));
  return (
    <>
      <Switch
        label={texts.readOnly}
        on={info.posting === 'admins'}
        onChange={(on) => set({ posting: on ? 'admins' : 'all' })}
      />
      <Choice
        label={texts.slowMode}
        value={String(info.slowSeconds)}
        options={{ ...slow, [String(info.slowSeconds)]: texts.seconds(info.slowSeconds) }}
        onValue={(seconds) => void set({ slowSeconds: Number(seconds) })}
      />
      {info.kind === 'public' && (
        <Switch
          label={texts.openToListeners}
          on={info.openToListeners}
          onChange={(openToListeners) => set({ openToListeners })}
        />
      )}
      <Switch label={texts.archived} on={info.archived} onChange={(archived) => set({ archived })} />
      <Problem text={error} />
    </>
  );
}

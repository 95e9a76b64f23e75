import { systemClock } from '@messagecore/kernel';
import type { Operations } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { ConversationState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { ActionButton } from './action-button.tsx';
import { mayAdd, mayGiveRoles, mayRestrain } from './may.ts';
import { Pages } from './pages.tsx';
import { PeopleSearch } from './people-search.tsx';
import { PersonRow } from './person-row.tsx';

export interface RoomProps {
  readonly chat: Chat;
  readonly conversation: ConversationState;
}

type Member = Operations['participants.list']['result']['items'][number];

const MUTE_MS = 3_600_000;

/** Who takes part, and what one may do about it. */
export function Members({ chat, conversation }: RoomProps) {
  const texts = useTexts();
  const [round, setRound] = useState(0);
  const { cid, info } = conversation;
  const { client, me } = chat;
  const load = useCallback(
    (cursor: string | undefined) =>
      client.call('participants.list', { cid, limit: 50, ...(cursor !== undefined && { cursor }) }),
    // Another round is another reading of it.
    [client, cid, round],
  );
  return (
    <>
      <Pages label={texts.members} load={load} keyOf={({ userId }) => userId}>
        {(member, reload) => (
          <PersonRow
            id={member.userId}
            name={member.displayName}
            note={noteOf(member, texts)}
            presence={chat.snapshot().presence.get(member.userId)}
          >
            <MemberActions chat={chat} conversation={conversation} member={member} onDone={reload} />
          </PersonRow>
        )}
      </Pages>
      {mayAdd(info) && (
        <section>
          <h3>{texts.addPeople}</h3>
          <PeopleSearch client={client} me={me} label={texts.searchPeople}>
            {({ userId, displayName }) =>
              conversation.members.includes(userId) ? null : (
                <>
                  <ActionButton
                    text={texts.add}
                    label={texts.addOne(displayName)}
                    work={() => client.call('participants.add', { cid, users: [userId] })}
                    onDone={() => setRound((known) => known + 1)}
                  />
                  <ActionButton
                    text={texts.invite}
                    label={texts.inviteOne(displayName)}
                    work={() => client.call('invitations.create', { cid, users: [userId] })}
                  />
                </>
              )
            }
          </PeopleSearch>
        </section>
      )}
    </>
  );
}

interface MemberProps extends RoomProps {
  readonly member: Member;
  readonly onDone: () => void;
}

function MemberActions({ chat, conversation, member, onDone }: MemberProps) {
  const texts = useTexts();
  const { cid, info } = conversation;
  const { client, me } = chat;
  const { userId: user, displayName: name, role, mutedUntil } = member;
  if (user === me) return null;
  const update = (change: { role?: 'owner' | 'admin' | 'member'; mutedUntil?: number | null }) => () =>
    client.call('participants.update', { cid, user, ...change });
  return (
    <details className="menu">
      <summary aria-label={texts.actionsOf(name)}>⋯</summary>
      <div>
        {mayGiveRoles(info) && (
          <>
            <ActionButton
              text={role === 'admin' ? texts.makeMember : texts.makeAdmin}
              work={update({ role: role === 'admin' ? 'member' : 'admin' })}
              onDone={onDone}
            />
            <ActionButton
              text={texts.handOver}
              ask={texts.handOverAsk(name)}
              work={update({ role: 'owner' })}
              onDone={onDone}
            />
          </>
        )}
        {mayRestrain(info, role) && (
          <>
            <ActionButton
              text={mutedUntil === null ? texts.mute : texts.unmute}
              work={() => update({ mutedUntil: mutedUntil === null ? systemClock.now() + MUTE_MS : null })()}
              onDone={onDone}
            />
            <ActionButton
              text={texts.remove}
              ask={texts.removeAsk(name)}
              work={() => client.call('participants.remove', { cid, user })}
              onDone={onDone}
            />
            <ActionButton
              text={texts.ban}
              ask={texts.banAsk(name)}
              work={() => client.call('bans.set', { cid, user })}
              onDone={onDone}
            />
          </>
        )}
        <ActionButton text={texts.block} ask={texts.blockAsk(name)} work={() => client.call('blocks.add', { user })} />
      </div>
    </details>
  );
}

function noteOf({ role, mutedUntil }: Member, texts: ReturnType<typeof useTexts>): string | undefined {
  const notes = [role === 'member' ? [] : [texts.roles[role]], mutedUntil === null ? [] : [texts.muted]].flat();
  return notes.length === 0 ? undefined : notes.join(' · ');
}

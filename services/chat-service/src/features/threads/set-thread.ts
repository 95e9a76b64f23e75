/** Raw SQL: what was there before decides, in the statement that writes. */
import type { ThreadState } from '@messagecore/protocol/features';
import { holdMembership } from '../../core/conversations/own-membership.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { commitWithEvents, type PublishEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import { checkVisible } from '../../core/messages/visible-message.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';

export interface ThreadDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

type User = Actor & { readonly sid?: string | undefined };

export interface Root {
  readonly cid: string;
  readonly seq: number;
}

/** What a user sets of a thread: whether it is followed, or up to where it was read, which never goes back. */
export type ThreadChange = { readonly follows: boolean } | { readonly readUpTo: number };

type State = Pick<ThreadState, 'following' | 'readUpTo'>;

/** Tells the user's other sessions when something has changed. Throws `not_found`, `not_member`. */
export function setThread(
  { sql, publishEvents }: ThreadDeps,
  user: User,
  { cid, seq }: Root,
  change: ThreadChange,
): Promise<ThreadState> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await holdMembership(tx, user, cid);
    await checkVisible(tx, user, cid, seq);
    const [before, now] = [await readState(tx, user, { cid, seq }), await store(tx, user, { cid, seq }, change)];
    const state = { cid, seq, ...now };
    if (before.following === now.following && before.readUpTo === now.readUpTo) return state;
    await emit(userFrame(user, { t: 'event', event: 'conversation.thread', cid, data: state }));
    return state;
  });
}

/** Locked, where it is there. */
async function readState(tx: Transaction, { uid }: Actor, { cid, seq }: Root): Promise<State> {
  const [state] = await tx<State[]>`
    select follows as following, read_seq as "readUpTo" from thread_members
    where conversation_id = ${cid} and root_seq = ${seq} and user_id = ${uid} for update`;
  return state ?? { following: false, readUpTo: 0 };
}

/** Whoever begins to follow has read what is there; nobody reads beyond the last reply. */
async function store(tx: Transaction, { tid, uid }: Actor, { cid, seq }: Root, change: ThreadChange): Promise<State> {
  const follows = 'follows' in change ? change.follows : undefined;
  const last = tx`coalesce((select last_seq from threads where conversation_id = ${cid} and root_seq = ${seq}), ${seq})`;
  const readUpTo = 'readUpTo' in change ? tx`least(${change.readUpTo}::bigint, ${last})` : last;
  const [state] = await tx<State[]>`
    insert into thread_members as m
      (conversation_id, root_seq, user_id, tenant_id, replies, follows, read_seq, touched_at)
    values (${cid}, ${seq}, ${uid}, ${tid}, 0, ${follows ?? false}, ${readUpTo}, now())
    on conflict (conversation_id, root_seq, user_id) do update set
      ${follows === undefined ? tx`read_seq = greatest(m.read_seq, excluded.read_seq)` : followed(tx, follows)}
    returning follows as following, read_seq as "readUpTo"`;
  if (state === undefined) throw new Error('no thread was stored');
  return state;
}

const followed = (tx: Transaction, follows: boolean) =>
  follows
    ? tx`follows = true, touched_at = now(), read_seq = case when m.follows then m.read_seq else excluded.read_seq end`
    : tx`follows = false`;

/** Raw SQL: what was there before decides, in the statement that writes. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { BookmarkState } from '@messagecore/protocol/features';
import type { Actor } from '../../core/identity/caller.ts';
import { checkVisible } from '../../core/messages/visible-message.ts';
import { commitWithEvents, type PublishEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';

export interface BookmarkDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

type User = Actor & { readonly sid?: string | undefined };

export interface Marked {
  readonly cid: string;
  readonly seq: number;
}

/**
 * Makes a bookmark, or gives the one that is there this note, and tells the user's other sessions. Throws `not_found` and
 * `not_member` for a message that the user may not see, and `too_large` for one more than may be.
 */
export function setBookmark(
  { sql, publishEvents }: BookmarkDeps,
  user: User,
  { cid, seq }: Marked,
  note: string | null,
): Promise<BookmarkState> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await checkVisible(tx, user, cid, seq);
    const before = await lockBookmark(tx, user.uid, { cid, seq });
    if (before !== undefined && before.note === note) return before;
    if (before === undefined) await checkCount(tx, user.uid);
    const data = await store(tx, user, { cid, seq }, note);
    await emit(changedEvent(user, data));
    return data;
  });
}

/**
 * Removes it, if it is there: also that of a message which the user may not see any more. Throws `not_found` and `not_member`
 * where there was none, and the user may not see the message.
 */
export function removeBookmark(
  { sql, publishEvents }: BookmarkDeps,
  user: User,
  { cid, seq }: Marked,
): Promise<BookmarkState> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const data = { cid, seq, note: null, at: null };
    const { count } = await tx`
      delete from bookmarks where conversation_id = ${cid} and seq = ${seq} and user_id = ${user.uid}`;
    if (count === 0) await checkVisible(tx, user, cid, seq);
    else await emit(changedEvent(user, data));
    return data;
  });
}

const changedEvent = (user: User, data: BookmarkState) =>
  userFrame(user, { t: 'event', event: 'conversation.bookmark', cid: data.cid, data });

const columns = (tx: Transaction) => tx`
  b.conversation_id as cid, b.seq, b.note, round(extract(epoch from b.created_at) * 1000)::float8 as at`;

async function lockBookmark(tx: Transaction, uid: string, { cid, seq }: Marked): Promise<BookmarkState | undefined> {
  const [bookmark] = await tx<BookmarkState[]>`
    select ${columns(tx)} from bookmarks b
    where b.conversation_id = ${cid} and b.seq = ${seq} and b.user_id = ${uid} for update`;
  return bookmark;
}

/** Several at the same time may go a little beyond. */
async function checkCount(tx: Transaction, uid: string): Promise<void> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from (select from bookmarks where user_id = ${uid} limit ${LIMITS.bookmarksPerUser}) b`;
  if ((row?.count ?? 0) < LIMITS.bookmarksPerUser) return;
  throw new ChatError('too_large', `more than ${LIMITS.bookmarksPerUser} bookmarks`);
}

async function store(
  tx: Transaction,
  { tid, uid }: Actor,
  { cid, seq }: Marked,
  note: string | null,
): Promise<BookmarkState> {
  const [stored] = await tx<BookmarkState[]>`
    insert into bookmarks as b (user_id, conversation_id, seq, tenant_id, note, created_at)
    values (${uid}, ${cid}, ${seq}, ${tid}, ${note}, now())
    on conflict (conversation_id, seq, user_id) do update set note = excluded.note
    returning ${columns(tx)}`;
  if (stored === undefined) throw new Error('no bookmark was stored');
  return stored;
}

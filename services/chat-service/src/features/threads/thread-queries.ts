/** Raw SQL: counts and names beside each row, read in one statement. */
import { Cid, LIMITS, Millis, Seq } from '@messagecore/protocol';
import type { OwnThreadsQuery, Page, Thread, ThreadsQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import { readHeads } from '../../core/messages/history.ts';
import { checkVisible } from '../../core/messages/visible-message.ts';
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';

/** Of those who replied last. */
const LATEST = 5;

/** From `threads t` and the user's own row `me` of `thread_members`, which may be missing. */
const columns = (sql: Sql | Transaction) => sql`
  t.conversation_id as cid, t.root_seq as seq, t.replies, t.members, t.last_seq as "lastSeq",
  round(extract(epoch from t.last_at) * 1000)::float8 as "lastAt",
  coalesce(me.follows, false) as following, coalesce(me.read_seq, 0) as "readUpTo", unread.count as unread, (
    select coalesce(json_agg(json_build_object('userId', u.id, 'displayName', u.display_name) order by l.last_seq desc), '[]')
    from (
      select user_id, last_seq from thread_members l
      where l.conversation_id = t.conversation_id and l.root_seq = t.root_seq and l.replies > 0
      order by l.last_seq desc limit ${LATEST}
    ) l join users u on u.id = l.user_id
  ) as latest`;

/** Replies of others behind what the user has read, where the thread is followed: `unread.count`. */
const unread = (sql: Sql | Transaction, uid: string) => sql`
  cross join lateral (
    select count(*)::int as count from (
      select from messages m
      where me.follows and m.conversation_id = t.conversation_id and m.thread_root = t.root_seq and m.seq > me.read_seq
        and m.sender_id <> ${uid} and m.recalled_at is null
      limit ${LIMITS.threadUnread}
    ) replies
  ) unread`;

const rowsOf = (sql: Sql | Transaction, uid: string, condition: Fragment, most: number) => sql<Thread[]>`
  select ${columns(sql)} from threads t
  left join thread_members me
    on me.conversation_id = t.conversation_id and me.root_seq = t.root_seq and me.user_id = ${uid}
  ${unread(sql, uid)}
  where ${condition} order by t.root_seq desc limit ${most}`;

/** Throws `not_found`, for a message that the user may not see too, and `not_member`. */
export async function getThread(sql: Sql, user: Actor, cid: string, seq: number): Promise<Thread> {
  await checkVisible(sql, user, cid, seq);
  const [thread] = await rowsOf(sql, user.uid, sql`t.conversation_id = ${cid} and t.root_seq = ${seq}`, 1);
  return thread ?? { ...NO_REPLIES, cid, seq, ...(await readOwn(sql, user.uid, cid, seq)) };
}

const NO_REPLIES = { replies: 0, members: 0, latest: [], lastSeq: null, lastAt: null, unread: 0 };

async function readOwn(sql: Sql, uid: string, cid: string, seq: number) {
  const [own] = await sql<Pick<Thread, 'following' | 'readUpTo'>[]>`
    select follows as following, read_seq as "readUpTo" from thread_members
    where conversation_id = ${cid} and root_seq = ${seq} and user_id = ${uid}`;
  return own ?? { following: false, readUpTo: 0 };
}

const ByRoot = z.tuple([Seq]);

/** Threads of a conversation, by their roots, the newest first. Throws `not_found`, `not_member`. */
export async function listThreads(
  sql: Sql,
  user: Actor,
  cid: string,
  { from = 1, to = Number.MAX_SAFE_INTEGER, limit, cursor }: ThreadsQuery,
): Promise<Page<Thread>> {
  const [before = Infinity] = decodeCursor(cursor, ByRoot) ?? [];
  const { first } = await readHeads(sql, user, cid);
  const [oldest, newest] = [Math.max(from, first), Math.min(to, before - 1)];
  const condition = sql`t.conversation_id = ${cid} and t.root_seq between ${oldest} and ${newest}`;
  return pageOf(await rowsOf(sql, user.uid, condition, limit + 1), limit, ({ seq }) => [seq]);
}

const ByLast = z.tuple([Millis, Cid, Seq]);

/** Those that the user follows, of the last `LIMITS.threadsFollowed`, by their last replies, the latest first. */
export async function listOwnThreads(
  sql: Sql,
  { tid, uid }: Actor,
  { unread: onlyUnread, limit, cursor }: OwnThreadsQuery,
): Promise<Page<Thread>> {
  const after = decodeCursor(cursor, ByLast);
  const lastAt = sql`round(extract(epoch from t.last_at) * 1000)::float8`;
  const behind =
    after === undefined
      ? sql``
      : sql`and (${lastAt}, t.conversation_id, t.root_seq) < (${after[0]}::float8, ${after[1]}::uuid, ${after[2]}::bigint)`;
  const hasUnread = sql`
    and t.last_seq > me.read_seq and exists (
      select from messages m
      where m.conversation_id = t.conversation_id and m.thread_root = t.root_seq and m.seq > me.read_seq
        and m.sender_id <> ${uid} and m.recalled_at is null
    )`;
  // Cut to the page before anything is counted.
  const rows = await sql<(Thread & { lastAt: number })[]>`
    select ${columns(sql)} from (
      select t.* from (
        select * from thread_members where user_id = ${uid} and follows
        order by touched_at desc limit ${LIMITS.threadsFollowed}
      ) me
      join threads t on t.conversation_id = me.conversation_id and t.root_seq = me.root_seq
      join conversations c on c.conversation_id = t.conversation_id and c.tenant_id = ${tid} and c.deleted_at is null
      join participants p on p.conversation_id = t.conversation_id and p.user_id = ${uid}
      where t.root_seq >= greatest(c.first_seq, case when c.history_since_joining then p.history_from end)
        ${onlyUnread ? hasUnread : sql``} ${behind}
      order by ${lastAt} desc, t.conversation_id desc, t.root_seq desc limit ${limit + 1}
    ) t
    join thread_members me
      on me.conversation_id = t.conversation_id and me.root_seq = t.root_seq and me.user_id = ${uid}
    ${unread(sql, uid)}
    order by ${lastAt} desc, t.conversation_id desc, t.root_seq desc`;
  return pageOf(rows, limit, (last) => [last.lastAt, last.cid, last.seq]);
}

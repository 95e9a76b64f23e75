/**
 * How many messages a user has not read (READ-4): what others said after the position, without `sys` messages and
 * recalled ones. It is counted on demand, so that sending costs nothing. At most `COUNTED` messages are examined;
 * messages beyond them all count as unread.
 *
 * Raw SQL: a part of statements of the hot path.
 */
import type { Fragment, Sql } from '../../platform/database/connect.ts';
import { mentionsAt } from './unread-mentions.ts';

/** Messages after a position that are looked at one by one. */
export const COUNTED = 200;

export interface UnreadQuery {
  readonly cid: string;
  readonly readPos: number;
  readonly head: number;
  /** Oldest message that the user may see. */
  readonly first: number;
}

/** What a user has not read of a conversation. */
export interface Unread {
  readonly unread: number;
  /** How many of it mention the user. */
  readonly mentions: number;
}

/** For each of these conversations, by id. One statement, and none when nothing is new. */
export async function countUnread(
  sql: Sql,
  uid: string,
  queries: readonly UnreadQuery[],
): Promise<Map<string, Unread>> {
  const behind = queries.filter(({ readPos, head }) => readPos < head);
  const counts = new Map<string, Unread>(queries.map(({ cid }) => [cid, { unread: 0, mentions: 0 }]));
  if (behind.length === 0) return counts;
  const user = sql`${uid}::uuid`;
  const rows = await sql<(Unread & { cid: string })[]>`
    select place.cid, ${unreadAt(sql, user)} as unread, ${mentionsAt(sql, user)} as mentions
    from unnest(
      ${behind.map(({ cid }) => cid)}::uuid[],
      ${behind.map(({ readPos, first }) => Math.max(readPos, first - 1))}::bigint[],
      ${behind.map(({ head }) => head)}::bigint[]
    ) as place (cid, pos, head)`;
  for (const { cid, ...unread } of rows) counts.set(cid, unread);
  return counts;
}

/** What counts of the messages `m`. */
const isUnread = (sql: Sql, uid: Fragment) => sql`m.sender_id <> ${uid} and m.kind <> 'sys' and m.recalled_at is null`;

/**
 * The count for a `place` with `cid`, `pos` and `head`. By the order it is said which index is meant: to a planner that takes the
 * table for empty all that begin with the conversation are alike.
 */
export const unreadAt = (sql: Sql, uid: Fragment) => sql`
  (
    select count(*) filter (where ${isUnread(sql, uid)})
    from (
      select sender_id, kind, recalled_at from messages
      where conversation_id = place.cid and seq > place.pos and seq <= place.head
      order by seq limit ${COUNTED}
    ) m
  ) + greatest(place.head - place.pos - ${COUNTED}, 0)`;

/** Whether that is more than none. */
export const hasUnreadAt = (sql: Sql, uid: Fragment) => sql`
  (
    place.head - place.pos > ${COUNTED} or exists (
      select from messages m
      where m.conversation_id = place.cid and m.seq > place.pos and m.seq <= place.head and ${isUnread(sql, uid)}
    )
  )`;

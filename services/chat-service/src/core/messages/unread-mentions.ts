/**
 * How many messages that a user has not read mention the user (MEN-6), by name, as one who was online, or with everybody: what
 * others said after the position, without those whom the user has blocked. Counted on demand from the table of mentions, up to a
 * bound, so that storing one costs the same however many have not read.
 *
 * Raw SQL: a part of statements of the hot path.
 */
import { LIMITS } from '@messagecore/protocol';
import { plainArray } from '../../platform/database/array-literals.ts';
import type { Fragment, Sql } from '../../platform/database/connect.ts';

/** Whom the mentions of all participants name. */
export const EVERYBODY = '00000000-0000-0000-0000-000000000000';

/** Mentions `n` of a user, or of everybody, that the user is told of. */
export const isToldOf = (sql: Sql, uid: Fragment) => sql`
  n.sender_id <> ${uid} and not exists (select from user_blocks b where b.user_id = ${uid} and b.blocked_id = n.sender_id)`;

/** Mentions `n` of everybody, without those of `here` of which it is not known yet whom they mention. */
export const mentionsAll = (sql: Sql) => sql`n.scope = 'all'`;

/** The count for a `place` with `cid`, `pos` and `head`: each of the two ranges is an index scan that ends at the bound. */
export const mentionsAt = (sql: Sql, uid: Fragment) => {
  const range = (of: Fragment, also = sql``) => sql`(
    select n.seq from mentions n
    where n.conversation_id = place.cid and n.user_id = ${of} and n.seq > place.pos and n.seq <= place.head
      and ${isToldOf(sql, uid)} ${also}
    limit ${LIMITS.mentionsCounted}
  )`;
  return sql`
    (
      select least(count(*), ${LIMITS.mentionsCounted})::int
      from (${range(uid)} union ${range(sql`${EVERYBODY}::uuid`, sql`and ${mentionsAll(sql)}`)}) unread
    )`;
};

export interface UserBehind {
  readonly cid: string;
  readonly uid: string;
  readonly pos: number;
  readonly head: number;
}

/** For each of these, in order. One statement, and none when nobody is asked about. */
export async function countMentions(sql: Sql, behind: readonly UserBehind[]): Promise<readonly number[]> {
  if (behind.length === 0) return [];
  const rows = await sql<{ mentions: number }[]>`
    select ${mentionsAt(sql, sql`place.uid`)} as mentions
    from unnest(
      ${plainArray(behind.map(({ cid }) => cid))}::uuid[], ${plainArray(behind.map(({ uid }) => uid))}::uuid[],
      ${plainArray(behind.map(({ pos }) => pos))}::bigint[], ${plainArray(behind.map(({ head }) => head))}::bigint[]
    ) with ordinality as place (cid, uid, pos, head, n)
    order by place.n`;
  return rows.map(({ mentions }) => mentions);
}

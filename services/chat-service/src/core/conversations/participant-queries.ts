/** Raw SQL: people a page at a time, one by one, and one of them by the same columns. */
import { ChatError, UserId } from '@messagecore/protocol';
import { type Page, type PageQuery, type Participant } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import { checkMay, may, type Situation } from '../permissions/permissions.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { Reader } from '../identity/caller.ts';
import { isMuted, mutedUntilMs } from './mute.ts';
import { readSituation } from './conversation-queries.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { participants } from './tables.ts';

const PageKey = z.tuple([UserId]);

export const isParticipant = (cid: string, uid: string) =>
  and(eq(participants.conversationId, cid), eq(participants.userId, uid));

/**
 * Participants by user id, a page at a time. Users are looked up one by one: a join in the order of the ids would begin
 * with the lowest of all users, however far the page is. Throws `not_found`,
 * `not_member`.
 */
export async function listParticipants(
  sql: Sql,
  reader: Reader,
  cid: string,
  { limit, cursor }: PageQuery,
): Promise<Page<Participant>> {
  const situation = await readSituation(sql, reader, cid);
  checkMay('see', situation);
  const after = decodeCursor(cursor, PageKey)?.[0];
  const rows = await sql<Participant[]>`
    select ${columns(sql, reader, situation)} from (
      select * from participants
      where conversation_id = ${cid} ${after === undefined ? sql`` : sql`and user_id > ${after}`}
      order by user_id limit ${limit + 1}
    ) p
    cross join lateral (select * from users where id = p.user_id limit 1) u
    order by p.user_id`;
  return pageOf(rows, limit, (last) => [last.userId]);
}

/** Throws `not_found`. */
export async function getParticipant(sql: Sql, reader: Reader, cid: string, uid: string): Promise<Participant> {
  const situation = await readSituation(sql, reader, cid);
  const [row] = await sql<Participant[]>`
    select ${columns(sql, reader, situation)} from participants p join users u on u.id = p.user_id
    where p.conversation_id = ${cid} and p.user_id = ${uid}`;
  if (row === undefined) throw new ChatError('not_found', 'no such participant');
  return row;
}

const columns = (sql: Sql, { uid }: Reader, situation: Situation) => sql`
  p.user_id as "userId", u.external_id as "externalId", u.display_name as "displayName", p.role,
  (extract(epoch from p.joined_at) * 1000)::float8 as "joinedAt", p.last_read_seq as "readPos",
  case when ${isMuted(sql)} then ${mutedUntilMs(sql)} end as "mutedUntil",
  case when ${isMuted(sql)} and (${may('mute', situation)} or p.user_id = ${uid ?? null}::uuid) then p.mute_reason end
    as "muteReason"`;

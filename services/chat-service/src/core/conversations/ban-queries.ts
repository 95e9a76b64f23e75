/** Raw SQL: people a page at a time, looked up one by one, as for participants. */
import { ChatError, UserId } from '@messagecore/protocol';
import { type Ban, type Page, type PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import { checkMay } from '../permissions/permissions.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import type { Reader } from '../identity/caller.ts';
import { readSituation } from './conversation-queries.ts';

const PageKey = z.tuple([UserId]);

/** Bans that have not ended, by user id, a page at a time. Throws `not_found`, `not_member`, `forbidden`. */
export async function listBans(
  sql: Sql,
  reader: Reader,
  cid: string,
  { limit, cursor }: PageQuery,
): Promise<Page<Ban>> {
  checkMay('ban', await readSituation(sql, reader, cid));
  const after = decodeCursor(cursor, PageKey)?.[0];
  const rows = await sql<Ban[]>`
    select ${columns(sql)} from (
      select * from conversation_bans
      where conversation_id = ${cid} and (until is null or until > now())
        ${after === undefined ? sql`` : sql`and user_id > ${after}`}
      order by user_id limit ${limit + 1}
    ) b
    cross join lateral (select * from users where id = b.user_id limit 1) u
    order by b.user_id`;
  return pageOf(rows, limit, (last) => [last.userId]);
}

/** Throws `not_found`. */
export async function getBan(sql: Sql, cid: string, uid: string): Promise<Ban> {
  const [row] = await sql<Ban[]>`
    select ${columns(sql)} from conversation_bans b join users u on u.id = b.user_id
    where b.conversation_id = ${cid} and b.user_id = ${uid}`;
  if (row === undefined) throw new ChatError('not_found', 'no such ban');
  return row;
}

const columns = (sql: Sql) => sql`
  b.user_id as "userId", u.external_id as "externalId", u.display_name as "displayName",
  nullif(b.banned_by, b.tenant_id) as "bannedBy", (extract(epoch from b.banned_at) * 1000)::float8 as "bannedAt",
  (extract(epoch from b.until) * 1000)::float8 as until, b.reason`;

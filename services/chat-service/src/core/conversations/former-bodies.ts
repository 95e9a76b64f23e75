/** Raw SQL: a page bounded in bytes. */
import { LIMITS, Rev } from '@messagecore/protocol';
import type { FormerBody, Page, PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import type { Reader } from '../identity/caller.ts';
import { isGone } from '../messages/frames.ts';
import { checkVisible } from '../messages/visible-message.ts';
import { checkMay } from '../permissions/permissions.ts';
import { readSituation } from './conversation-queries.ts';

const PageKey = z.tuple([Rev]);
/** Of a row beside its body. */
const ROW_BYTES = 512;

/**
 * What changes of a message have replaced, the first one first: for its sender, and whoever recalls those of others. What
 * a recalled message said is for the back end alone. Throws `not_found`, `not_member`, `forbidden`.
 */
export async function listFormerBodies(
  sql: Sql,
  reader: Reader,
  { cid, seq }: { readonly cid: string; readonly seq: number },
  { limit, cursor }: PageQuery,
): Promise<Page<FormerBody>> {
  const situation = await readSituation(sql, reader, cid);
  await checkVisible(sql, reader, cid, seq);
  const [message] = await sql<{ from: string; recalled: boolean; isOver: boolean }[]>`
    select sender_id as "from", ${isGone(sql, sql`messages`)} as recalled, coalesce(expires_at <= now(), false) as "isOver"
    from messages where conversation_id = ${cid} and seq = ${seq}`;
  if (message?.from !== reader.uid) checkMay('seeEdits', situation);
  if (message?.isOver === true) return { items: [], next: null };
  const isShown = message?.recalled !== true || situation.role === 'service';
  const [after] = decodeCursor(cursor, PageKey) ?? [0];
  const rows = await sql<(FormerBody & { last: boolean })[]>`
    select e.rev, e.action, case when ${isShown} then e.previous_body end as body,
      json_build_object('userId', u.id, 'displayName', u.display_name) as by,
      round(extract(epoch from e.changed_at) * 1000)::float8 as at, e.last
    from (
      select *, lead(rev) over reading is null as last, row_number() over reading as place,
        sum(octet_length(previous_body::text) + ${ROW_BYTES}) over (reading rows unbounded preceding) as bytes
      from (
        select * from message_edits
        where conversation_id = ${cid} and seq = ${seq} and rev > ${after} order by rev limit ${limit + 1}
      ) e window reading as (order by rev)
    ) e
    join users u on u.id = e.changed_by
    where e.place = 1 or (e.place <= ${limit} and e.bytes <= ${LIMITS.pageBytes}) order by e.rev`;
  const items = rows.map(({ last: _, ...item }) => item);
  const end = rows.at(-1);
  return { items, next: end === undefined || end.last ? null : encodeCursor([end.rev]) };
}

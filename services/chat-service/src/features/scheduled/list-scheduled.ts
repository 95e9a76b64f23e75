/** Raw SQL: a page ends at its bytes. */
import { Cid, LIMITS, Mid, Millis } from '@messagecore/protocol';
import type { Page, PageQuery, ScheduledMessage } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { rowColumns, scheduledOf, type ScheduledRow } from './scheduled-row.ts';

/** Of a message besides its text. */
const ENVELOPE_BYTES = 256;
const PageKey = z.tuple([Millis, Cid, Mid]);

/** A user's messages that are not sent yet, the next one first. A page ends at `LIMITS.pageBytes`, with one at least. */
export async function listScheduled(
  sql: Sql,
  { tid, uid }: Actor,
  { limit, cursor }: PageQuery,
): Promise<Page<ScheduledMessage>> {
  const after = decodeCursor(cursor, PageKey);
  const behind =
    after === undefined
      ? sql``
      : sql`
        and (send_at, conversation_id, mid) > (to_timestamp(${after[0]}::float8 / 1000), ${after[1]}::uuid, ${after[2]})`;
  const rows = await sql<(ScheduledRow & { found: number })[]>`
    select ${rowColumns(sql)}, s.found::int as found
    from (
      select *, count(*) over () as found, row_number() over in_order as place,
        sum(octet_length(message::text) + ${ENVELOPE_BYTES}) over in_order as bytes
      from (
        select * from scheduled_messages where user_id = ${uid} and tenant_id = ${tid} ${behind}
        order by send_at, conversation_id, mid limit ${limit + 1}
      ) soonest
      window in_order as (order by send_at, conversation_id, mid)
    ) s
    where place = 1 or bytes <= ${LIMITS.pageBytes}
    order by send_at, conversation_id, mid`;
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = last !== undefined && items.length < last.found;
  return {
    items: items.map((row) => scheduledOf(row)),
    next: hasMore ? encodeCursor([last.at, last.cid, last.mid]) : null,
  };
}

/** Raw SQL: a page ends at its bytes. */
import { LIMITS, Millis } from '@messagecore/protocol';
import type { CardAction, CardActionsQuery, Page } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { actionColumns, actionOf, type ActionRow, isOpen } from './action-rows.ts';

const PageKey = z.tuple([Millis, z.uuid()]);
/** Of an action beside what was given and answered. */
const ENVELOPE_BYTES = 512;

/** What was done with the user's cards, in conversations in which the user still takes part, the latest first. */
export async function listActions(
  sql: Sql,
  { tid, uid }: Actor,
  { waiting, limit, cursor }: CardActionsQuery,
): Promise<Page<CardAction>> {
  const after = decodeCursor(cursor, PageKey);
  const behind =
    after === undefined
      ? sql``
      : sql`and (a.created_at, a.action_id) < (to_timestamp(${after[0]}::float8 / 1000), ${after[1]}::uuid)`;
  const rows = await sql<(ActionRow & { found: number })[]>`
    select ${actionColumns(sql)}, a.found from (
      select a.*, count(*) over ()::int as found, row_number() over latest_first as place,
        sum(octet_length(a.given::text) + coalesce(octet_length(a.answer), 0) + ${ENVELOPE_BYTES}) over latest_first as bytes
      from (
        select a.* from card_actions a
        join participants p on p.conversation_id = a.conversation_id and p.user_id = a.owner_id
        join conversations c on c.conversation_id = a.conversation_id and c.deleted_at is null
        where a.owner_id = ${uid} and a.tenant_id = ${tid} ${waiting ? sql`and ${isOpen(sql)}` : sql``} ${behind}
        order by a.created_at desc, a.action_id desc limit ${limit + 1}
      ) a
      window latest_first as (order by a.created_at desc, a.action_id desc)
    ) a
    where a.place = 1 or a.bytes <= ${LIMITS.pageBytes}
    order by a.created_at desc, a.action_id desc`;
  const items = rows.slice(0, limit).map(({ found: _, ...row }) => actionOf(row));
  const last = items.at(-1);
  const hasMore = last !== undefined && items.length < (rows[0]?.found ?? 0);
  return { items, next: hasMore ? encodeCursor([last.at, last.actionId]) : null };
}

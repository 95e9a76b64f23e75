/** Raw SQL: a page ends at its bytes. */
import { Cid, LIMITS } from '@messagecore/protocol';
import type { Draft, Page, PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';

/** Of a draft besides its body. */
const ENVELOPE_BYTES = 256;
const PageKey = z.tuple([z.int(), Cid]);

/** A user's drafts, the newest first. A page ends at `LIMITS.pageBytes`, with one draft at least. */
export async function listDrafts(sql: Sql, { tid, uid }: Actor, { limit, cursor }: PageQuery): Promise<Page<Draft>> {
  const after = decodeCursor(cursor, PageKey);
  const behind =
    after === undefined ? sql`` : sql`and (version, conversation_id) < (${after[0]}::bigint, ${after[1]}::uuid)`;
  const rows = await sql<(Draft & { found: number })[]>`
    select conversation_id as cid, body, reply_to as "replyTo", version,
      (extract(epoch from updated_at) * 1000)::float8 as at, found::int as found
    from (
      select *, count(*) over () as found, row_number() over newest_first as place,
        sum(octet_length(body::text) + ${ENVELOPE_BYTES}) over newest_first as bytes
      from (
        select * from drafts where user_id = ${uid} and tenant_id = ${tid} and body is not null ${behind}
        order by version desc, conversation_id desc limit ${limit + 1}
      ) newest
      window newest_first as (order by version desc, conversation_id desc)
    ) d
    where place = 1 or bytes <= ${LIMITS.pageBytes}
    order by version desc, conversation_id desc`;
  const last = rows.slice(0, limit).at(-1);
  const items = rows.slice(0, limit).map(({ found: _, ...draft }) => draft);
  const hasMore = last !== undefined && items.length < last.found;
  return { items, next: hasMore ? encodeCursor([last.version, last.cid]) : null };
}

import type { Device, Page, PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';

const PageKey = z.tuple([z.number(), z.string()]);

/** The user's devices, the one seen last first, a page at a time. */
export async function listDevices(
  sql: Sql,
  user: { readonly tid: string; readonly uid: string },
  { limit, cursor }: PageQuery,
): Promise<Page<Device>> {
  const [seenAt = null, clientId = null] = decodeCursor(cursor, PageKey) ?? [];
  const rows = await sql<Device[]>`
    select client_id as "clientId", platform, (extract(epoch from created_at) * 1000)::float8 as "createdAt",
      (extract(epoch from last_seen_at) * 1000)::float8 as "lastSeenAt",
      (extract(epoch from revoked_at) * 1000)::float8 as "revokedAt"
    from devices where tenant_id = ${user.tid} and user_id = ${user.uid} and (
      ${seenAt}::float8 is null
      or (-extract(epoch from last_seen_at) * 1000, client_id) > (-${seenAt}::float8::numeric, ${clientId}::text)
    )
    order by last_seen_at desc, client_id limit ${limit + 1}`;
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.lastSeenAt, last.clientId]) : null };
}

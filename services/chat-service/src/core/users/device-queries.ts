import { Millis, storable } from '@messagecore/protocol';
import type { Device, Page, PageQuery } from '@messagecore/protocol/features';
import { and, desc, eq, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { devices } from './tables.ts';

const PageKey = z.tuple([Millis, storable()]);

/** The user's devices, the one seen last first, a page at a time. */
export async function listDevices(
  sql: Sql,
  user: { readonly tid: string; readonly uid: string },
  { limit, cursor }: PageQuery,
): Promise<Page<Device>> {
  const after = decodeCursor(cursor, PageKey);
  const rows = await db(sql)
    .select({
      clientId: devices.clientId,
      platform: devices.platform,
      createdAt: millis(devices.createdAt),
      lastSeenAt: millis(devices.lastSeenAt),
      revokedAt: millis(devices.revokedAt),
    })
    .from(devices)
    .where(and(eq(devices.tenantId, user.tid), eq(devices.userId, user.uid), after && isBehind(...after)))
    .orderBy(desc(devices.lastSeenAt), devices.clientId)
    .limit(limit + 1);
  return pageOf(rows, limit, (last) => [last.lastSeenAt, last.clientId]);
}

const isBehind = (seenAt: number, clientId: string) =>
  part`(-extract(epoch from ${devices.lastSeenAt}) * 1000, ${devices.clientId}) > (-${seenAt}::float8::numeric, ${clientId}::text)`;

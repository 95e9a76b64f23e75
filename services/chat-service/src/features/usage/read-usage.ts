import type { UsageDay, UsageQuery } from '@messagecore/protocol/features';
import { and, between, eq } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { usageDaily } from './tables.ts';

/** Days on which a tenant has used anything, oldest first. */
export async function readUsage(sql: Sql, tid: string, { from, to }: UsageQuery): Promise<UsageDay[]> {
  const { tenantId, day, messages, activeUsers, users, peakConnections, storageBytes } = usageDaily;
  return db(sql)
    .select({ day, messages, activeUsers, users, peakConnections, storageBytes })
    .from(usageDaily)
    .where(and(eq(tenantId, tid), between(day, from, to)))
    .orderBy(day);
}

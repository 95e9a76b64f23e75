import { ChatError } from '@messagecore/protocol';
import type { CurrentUsage, QuotaResource, QuotaUsage } from '@messagecore/protocol/features';
import { and, desc, eq } from '../../platform/database/drizzle.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis } from '../../platform/database/expressions.ts';
import { readConnections } from './connections.ts';
import { firstDayOf } from './months.ts';
import { readMonths } from './read-months.ts';
import { usageDaily, usageNotices } from './tables.ts';
import { countUsers } from './user-quota.ts';

/** What a tenant uses of its quotas, as far as it is counted: messages are within a second or two. Throws `not_found`. */
export async function currentUsage(sql: Sql, tid: string, month: string): Promise<CurrentUsage> {
  const [tenant] = await readMonths(sql, [tid], month);
  if (tenant === undefined) throw new ChatError('not_found', 'no such tenant');
  const { plan, limits, messages } = tenant;
  const [users, storageBytes, connections, notices] = await Promise.all([
    countUsers(sql, tid),
    readStorage(sql, tid),
    readConnections(sql, [tid]),
    readNotices(sql, tid, month),
  ]);
  const current = { users, messages, storageBytes, connections: connections.get(tid) ?? 0 };
  const usageOf = (resource: QuotaResource) => quotaUsage(current[resource], limits[resource]);
  return {
    ...{ tenantId: tid, plan, month, retentionDays: limits.retentionDays, sendsPerSecond: limits.sendsPerSecond },
    users: usageOf('users'),
    messages: usageOf('messages'),
    storageBytes: usageOf('storageBytes'),
    connections: usageOf('connections'),
    notices,
  };
}

function quotaUsage(current: number, limit: number | null): QuotaUsage {
  if (limit === null) return { current, limit, percentage: null };
  return { current, limit, percentage: limit === 0 ? 100 : Math.floor((current * 1_000) / limit) / 10 };
}

/** As last metered. */
async function readStorage(sql: Sql | Transaction, tid: string): Promise<number> {
  const [row] = await db(sql)
    .select({ bytes: usageDaily.storageBytes })
    .from(usageDaily)
    .where(eq(usageDaily.tenantId, tid))
    .orderBy(desc(usageDaily.day))
    .limit(1);
  return row?.bytes ?? 0;
}

async function readNotices(sql: Sql, tid: string, month: string): Promise<CurrentUsage['notices']> {
  const { tenantId, resource, percent, at } = usageNotices;
  return db(sql)
    .select({ resource, percent, at: millis(at) })
    .from(usageNotices)
    .where(and(eq(tenantId, tid), eq(usageNotices.month, firstDayOf(month))))
    .orderBy(resource, percent);
}

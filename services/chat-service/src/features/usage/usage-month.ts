import { ChatError } from '@messagecore/protocol';
import type { UsageMonth } from '@messagecore/protocol/features';
import { and, between, eq, max, sum } from '../../platform/database/drizzle.ts';
import { effectiveLimits } from '../../core/tenants/plans.ts';
import { tenants } from '../../core/tenants/tables.ts';
import { isTenant } from '../../core/tenants/tenant-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { firstDayOf, lastDayOf } from './months.ts';
import { usageDaily, usageMonths } from './tables.ts';
import { countUsers } from './user-quota.ts';

/**
 * What an invoice for a month is written from: of messages all that were sent, of everything else the most that there was,
 * against the limits as they were last seen in that month. `present` is the month that is not over. Throws `not_found`.
 */
export async function usageMonth(sql: Sql, tid: string, month: string, present: string): Promise<UsageMonth> {
  const [tenant] = await db(sql)
    .select({ plan: tenants.plan, limits: tenants.limits })
    .from(tenants)
    .where(isTenant(tid));
  if (tenant === undefined) throw new ChatError('not_found', 'no such tenant');
  const [seen] = await db(sql)
    .select()
    .from(usageMonths)
    .where(and(eq(usageMonths.tenantId, tid), eq(usageMonths.month, firstDayOf(month))));
  const days = await readDays(sql, tid, month);
  const isPresent = month === present;
  const users = isPresent ? Math.max(days.users, await countUsers(sql, tid)) : days.users;
  const past = isPresent ? undefined : seen;
  const plan = past?.plan ?? tenant.plan;
  const limits = effectiveLimits(plan, past?.limits ?? tenant.limits);
  const used = { ...days, users };
  const lines = (['users', 'messages', 'storageBytes', 'connections'] as const).map((resource) => {
    const included = limits[resource];
    const overage = included === null ? 0 : Math.max(0, used[resource] - included);
    return { resource, used: used[resource], included, overage };
  });
  return { tenantId: tid, month, plan, closed: month < present, lines, activeUsers: seen?.activeUsers ?? 0 };
}

async function readDays(sql: Sql, tid: string, month: string) {
  const { tenantId, day, ...columns } = usageDaily;
  const [row] = await db(sql)
    .select({
      messages: sum(columns.messages).mapWith(Number),
      users: max(columns.users),
      storageBytes: max(columns.storageBytes),
      connections: max(columns.peakConnections),
    })
    .from(usageDaily)
    .where(and(eq(tenantId, tid), between(day, firstDayOf(month), lastDayOf(month))));
  const { messages, users, storageBytes, connections } = row ?? {};
  return {
    messages: messages ?? 0,
    users: users ?? 0,
    storageBytes: storageBytes ?? 0,
    connections: connections ?? 0,
  };
}

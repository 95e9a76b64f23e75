import type { Clock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { and, count, eq, ne } from '../../platform/database/drizzle.ts';
import { effectiveLimits } from '../../core/tenants/plans.ts';
import { tenants } from '../../core/tenants/tables.ts';
import type { UserGuard } from '../../core/users/extensions.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { monthAt } from './months.ts';
import { notify, percentsReached } from './notices.ts';

/** Users of a tenant that are not erased. */
export async function countUsers(sql: Sql | Transaction, tid: string): Promise<number> {
  const [row] = await db(sql)
    .select({ users: count() })
    .from(users)
    .where(and(eq(users.tenantId, tid), ne(users.status, 'deleted')));
  return row?.users ?? 0;
}

/** Refuses a user more than the plan has (TEN-4), exactly: users of a tenant are created one after the other. */
export function createUserQuota(clock: Pick<Clock, 'now'>): UserGuard {
  return async (tx, tid) => {
    const [tenant] = await db(tx)
      .select({ plan: tenants.plan, limits: tenants.limits })
      .from(tenants)
      .where(eq(tenants.id, tid));
    if (tenant === undefined) throw new ChatError('not_found', 'no such tenant');
    const limit = effectiveLimits(tenant.plan, tenant.limits).users;
    const present = await countUsers(tx, tid);
    if (limit !== null && present >= limit) {
      throw new ChatError('quota_exceeded', `the ${limit} users that the plan has are all there`);
    }
    const current = present + 1;
    return async () => {
      for (const percent of percentsReached(current, limit)) {
        await notify(tx, tid, monthAt(clock.now()), { resource: 'users', percent, current, limit: limit ?? 0 });
      }
    };
  };
}

/** Raw SQL: a sum beside each tenant, for many tenants at once. */
import type { Plan, TenantLimits } from '@messagecore/protocol/features';
import { effectiveLimits, type EffectiveLimits } from '../../core/tenants/plans.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { firstDayOf, lastDayOf } from './months.ts';

export interface TenantMonth {
  readonly tid: string;
  readonly plan: Plan;
  readonly limits: EffectiveLimits;
  /** Messages of the month that are counted by now. */
  readonly messages: number;
}

/** Tenants that are there, in any order. */
export async function readMonths(
  sql: Sql | Transaction,
  tids: readonly string[],
  month: string,
): Promise<readonly TenantMonth[]> {
  const rows = await sql<{ tid: string; plan: Plan; limits: TenantLimits; messages: number }[]>`
    select t.id as tid, t.plan, t.limits, coalesce((
      select sum(d.messages) from usage_daily d
      where d.tenant_id = t.id and d.day between ${firstDayOf(month)} and ${lastDayOf(month)}
    ), 0)::float8 as messages
    from tenants t where t.id = any(${[...tids]}::uuid[]) and t.status <> 'deleted'`;
  return rows.map(({ limits, ...row }) => ({ ...row, limits: effectiveLimits(row.plan, limits) }));
}

import type { UsageDay, UsageQuery } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';

/** Days on which a tenant's users have sent anything, oldest first. */
export function readUsage(sql: Sql, tid: string, { from, to }: UsageQuery): Promise<UsageDay[]> {
  return sql<UsageDay[]>`
    select day::text as day, messages from usage_daily
    where tenant_id = ${tid} and day between ${from}::date and ${to}::date order by usage_daily.day`;
}

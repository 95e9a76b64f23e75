/** Raw SQL: statements over all tenants, each in one. */
import type { Clock } from '@messagecore/kernel';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import { firstDayOf, monthAt } from './months.ts';

const NAME = 'meter';

export const meterSchedule: Schedule = { name: NAME, cron: '7 * * * *' };

/**
 * Notes once an hour what is not counted as it happens: how many users each tenant has on this day, and its plan in this
 * month. Forgets who was active two months ago, and gateways that are gone.
 */
export function meter(clock: Pick<Clock, 'now'>): JobKind {
  return {
    kind: NAME,
    async run(tx) {
      await tx`
        insert into usage_daily (tenant_id, day, messages, users)
        select tenant_id, (now() at time zone 'UTC')::date, 0, count(*)
        from users u join tenants t on t.id = tenant_id
        where u.status <> 'deleted' and t.status <> 'deleted' group by tenant_id order by tenant_id
        on conflict (tenant_id, day) do update set users = excluded.users where usage_daily.users < excluded.users`;
      await tx`
        insert into usage_months (tenant_id, month, plan, limits)
        select id, ${firstDayOf(monthAt(clock.now()))}, plan, limits from tenants where status <> 'deleted' order by id
        on conflict (tenant_id, month) do update set plan = excluded.plan, limits = excluded.limits`;
      await tx`delete from usage_active where since < now() - interval '62 days'`;
      await tx`delete from usage_connections where seen_at < now() - interval '1 day'`;
    },
  };
}

/** Raw SQL: finds those of all tenants who have used most of a quota and were not told. */
import type { Clock } from '@messagecore/kernel';
import type { NoticePercent, QuotaResource } from '@messagecore/protocol/features';
import { PLANS } from '../../core/tenants/plans.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import { firstDayOf, lastDayOf, monthAt } from './months.ts';
import { notify } from './notices.ts';

const NAME = 'watch quotas';
/** Notices in one transaction; the next ones are a minute later. */
const PIECE = 500;

export const watchQuotasSchedule: Schedule = { name: NAME, cron: '* * * * *' };

/**
 * Tells tenants once a minute that 80 % or 100 % of their messages, connections or storage are used. Of users they are told
 * when one is created.
 */
export function watchQuotas(clock: Pick<Clock, 'now'>): JobKind {
  return {
    kind: NAME,
    async run(tx) {
      const month = monthAt(clock.now());
      for (const { tid, ...notice } of await findUntold(tx, month)) await notify(tx, tid, month, notice);
    },
  };
}

interface Untold {
  readonly tid: string;
  readonly resource: QuotaResource;
  readonly percent: NoticePercent;
  readonly current: number;
  readonly limit: number;
}

/** In the order in which the tenants' logs are locked. */
function findUntold(tx: Transaction, month: string): Promise<readonly Untold[]> {
  return tx<Untold[]>`
    with plan_limits as (
      select p.plan, l.key as resource, l.value::float8 as "limit"
      from json_each(${JSON.stringify(PLANS)}::text::json) as p (plan, limits), json_each_text(p.limits) as l
    ),
    used as (
      select tenant_id, u.resource, u.current
      from (
        select tenant_id, sum(messages)::float8 as messages, max(peak_connections)::float8 as connections,
          max(storage_bytes)::float8 as storage
        from usage_daily where day between ${firstDayOf(month)} and ${lastDayOf(month)} group by tenant_id
      ) as d,
      lateral (values ('messages', messages), ('connections', connections), ('storageBytes', storage))
        as u (resource, current)
      where u.current > 0
    ),
    limited as (
      select u.*, t.id as tid,
        case when t.limits ? u.resource then (t.limits->>u.resource)::float8 else p."limit" end as "limit"
      from used u
      join tenants t on t.id = u.tenant_id and t.status <> 'deleted'
      join plan_limits p on p.plan = t.plan and p.resource = u.resource
    )
    select tid, resource, percent, current, "limit"
    from limited, unnest(array[80, 100]) as percent
    where current * 100 >= "limit" * percent
      and not exists (
        select from usage_notices n
        where n.tenant_id = tid and n.month = ${firstDayOf(month)} and n.resource = limited.resource
          and n.percent = percent.percent
      )
    order by tid, resource, percent limit ${PIECE}`;
}

/** Usage: what each tenant uses, counted once; its quotas; what it is billed by (TEN-3, TEN-4, TEN-5). */
import { type Clock, systemClock } from '@messagecore/kernel';
import type { Rate } from '@messagecore/protocol';
import type { Metrics } from '@messagecore/runtime';
import type { SendGuard } from '../../core/messages/extensions.ts';
import { SENDS_BURST } from '../../core/tenants/plans.ts';
import type { UserGuard } from '../../core/users/extensions.ts';
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import type { SharedCounters } from '../../platform/counters/shared-counters.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Schedule } from '../../platform/jobs/schedules.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import type { Answer } from '../../platform/rpc/batch.ts';
import { answerConnections } from './connections.ts';
import { createMessageQuotas, type MessageQuotas } from './message-quotas.ts';
import { meter, meterSchedule } from './meter.job.ts';
import { createQuotaGuard } from './quota-guard.ts';
import { readMonths } from './read-months.ts';
import { usageConsumer } from './usage.consumer.ts';
import { bindUsage } from './usage-operations.ts';
import { usageRoutes } from './usage-routes.ts';
import { createUserQuota } from './user-quota.ts';
import { watchQuotas, watchQuotasSchedule } from './watch-quotas.job.ts';

export interface UsageDeps {
  readonly sql: Sql;
  /** For what nobody waits for. */
  readonly background: Sql;
  readonly counters: SharedCounters;
  readonly limits: Pick<Limits, 'setTenantRate'>;
  readonly metrics: Pick<Metrics, 'cache' | 'largestTenants'>;
  readonly clock?: Clock;
}

export interface Usage {
  readonly operations: readonly BoundOperation[];
  routes(app: App): void;
  readonly consumers: readonly ConsumerKind[];
  readonly sendGuards: readonly SendGuard[];
  readonly userGuards: readonly UserGuard[];
  readonly connections: Answer<'connections'>;
  readonly loops: readonly { readonly name: string; readonly everyMs: number; readonly step: () => Promise<void> }[];
  readonly jobs: readonly JobKind[];
  readonly schedules: readonly Schedule[];
}

/** Bounds by how much a tenant can exceed its messages. */
const QUOTAS_EVERY_MS = 1_000;

export function createUsage({ sql, background, counters, limits, metrics, clock = systemClock }: UsageDeps): Usage {
  const quotas = createMessageQuotas({
    readMonths: (tids, month) => readMonths(background, tids, month),
    counters,
    onLimits: (tid, { sendsPerSecond }) => limits.setTenantRate(tid, rateOf(sendsPerSecond)),
    clock,
  });
  watchMessageQuotas(quotas, metrics);
  return {
    operations: bindUsage(sql, clock),
    routes: (app) => usageRoutes(app, sql),
    consumers: [usageConsumer(background)],
    sendGuards: [createQuotaGuard(quotas)],
    userGuards: [createUserQuota(clock)],
    connections: (reports) => answerConnections(background, reports, clock),
    loops: [{ name: 'message quotas', everyMs: QUOTAS_EVERY_MS, step: () => quotas.step() }],
    jobs: [watchQuotas(clock), meter(clock)],
    schedules: [watchQuotasSchedule, meterSchedule],
  };
}

function watchMessageQuotas(quotas: MessageQuotas, metrics: UsageDeps['metrics']): void {
  metrics.cache('message_quotas', quotas.remembered);
  const sent = () => [...quotas.used()].map(({ tid, messages }) => [tid, messages] as const);
  metrics.largestTenants('tenant_month_messages', 'Messages of the month of the tenants that sent most of them', sent);
  const ratios = () =>
    [...quotas.used()].flatMap(({ tid, messages, limit }) => (limit ? [[tid, messages / limit] as const] : []));
  metrics.largestTenants(
    'tenant_quota_used_ratio',
    'What is used of the messages of the month, of those that used most',
    ratios,
  );
}

/** Sends of a tenant, over all its users and its back end (LIM-23). */
function rateOf(perSecond: number | null): Rate | undefined {
  return perSecond === null ? undefined : { perSecond, burst: perSecond * SENDS_BURST };
}

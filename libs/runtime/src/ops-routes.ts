import { type Clock, systemClock, TokenBucket } from '@messagecore/kernel';
import { DEFAULT_RETRY_AFTER_MS, ERRORS, HEADERS, STATUS } from '@messagecore/protocol';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

export interface OpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OpsOptions {
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>;
  /** False while the process starts or drains: a load balancer then sends nothing new. */
  readonly ready: () => boolean | Promise<boolean>;
  readonly clock?: Clock;
}

/** How often costly answers are computed; requests beyond it get the last answer. */
const MAX_RATE = { perSecond: 5, burst: 10 };

/** Answers an operator's path, or undefined when the path (without query) is none. Bound to no HTTP server. */
export type OpsRoutes = (path: string) => Promise<OpsAnswer | undefined>;

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const TEXT_TYPE = { 'content-type': 'text/plain; charset=utf-8' };
const RETRY_AFTER = { [HEADERS.retryAfter]: String(Math.ceil(DEFAULT_RETRY_AFTER_MS / 1_000)) };

/**
 * `/health` probes each dependency and tells its latency; `/health/simple` says that the process answers; `/ready` that
 * it takes work; `/metrics` is for Prometheus. Whatever is not well is answered with the status of `unavailable`.
 */
export function opsRoutes({ health, metrics, ready, clock = systemClock }: OpsOptions): OpsRoutes {
  const answerOf = (ok: boolean, report: object): OpsAnswer => ({
    status: ok ? STATUS.ok : ERRORS.unavailable.http,
    headers: ok ? JSON_TYPE : { ...JSON_TYPE, ...RETRY_AFTER },
    body: JSON.stringify(report),
  });
  const routes: Readonly<Record<string, () => Promise<OpsAnswer>>> = {
    '/health': rateLimited(clock, async () => {
      const report = await health();
      return answerOf(report.ok, report);
    }),
    '/health/simple': async () => ({ status: STATUS.ok, headers: TEXT_TYPE, body: 'ok\n' }),
    '/ready': async () => {
      const ok = await ready();
      return answerOf(ok, { ready: ok });
    },
    '/metrics': rateLimited(clock, async () => ({
      status: STATUS.ok,
      headers: { 'content-type': metrics.contentType },
      body: await metrics.render(),
    })),
  };
  return async (path) => (Object.hasOwn(routes, path) ? routes[path]?.() : undefined);
}

/**
 * Limits how often `make` runs, and never runs it twice at a time: other callers get the answer under way, or the last
 * one.
 */
function rateLimited(clock: Clock, make: () => Promise<OpsAnswer>): () => Promise<OpsAnswer> {
  const bucket = new TokenBucket({ ...MAX_RATE, clock });
  let last: OpsAnswer | undefined;
  let refreshing: Promise<OpsAnswer> | undefined;
  const refresh = async () => {
    try {
      last = await make();
      return last;
    } finally {
      refreshing = undefined;
    }
  };
  return async () => {
    if (refreshing !== undefined) return refreshing;
    if (last !== undefined && bucket.take() > 0) return last;
    refreshing = refresh();
    return refreshing;
  };
}

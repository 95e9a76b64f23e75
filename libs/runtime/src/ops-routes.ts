import { ERRORS, STATUS } from '@messagecore/protocol';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

export interface OpsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface OpsOptions {
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>;
  /** False while the process starts or drains: a load balancer then sends nothing new. */
  readonly ready: () => boolean;
}

/** Answers an operator's path, or undefined when the path (without query) is none. Bound to no HTTP server. */
export type OpsRoutes = (path: string) => Promise<OpsAnswer | undefined>;

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/**
 * `/health` probes each dependency and tells its latency; `/health/simple` says that the process answers; `/ready` that
 * it takes work; `/metrics` is for Prometheus. Whatever is not well is answered with the status of `unavailable`.
 */
export function opsRoutes({ health, metrics, ready }: OpsOptions): OpsRoutes {
  const statusOf = (ok: boolean) => (ok ? STATUS.ok : ERRORS.unavailable.http);
  const routes: Readonly<Record<string, () => Promise<OpsAnswer>>> = {
    '/health': async () => {
      const report = await health();
      return { status: statusOf(report.ok), contentType: JSON_TYPE, body: JSON.stringify(report) };
    },
    '/health/simple': async () => ({ status: STATUS.ok, contentType: TEXT_TYPE, body: 'ok\n' }),
    '/ready': async () => {
      const ok = ready();
      return { status: statusOf(ok), contentType: JSON_TYPE, body: JSON.stringify({ ready: ok }) };
    },
    '/metrics': async () => ({
      status: STATUS.ok,
      contentType: metrics.contentType,
      body: await metrics.render(),
    }),
  };
  return async (path) => (Object.hasOwn(routes, path) ? routes[path]?.() : undefined);
}

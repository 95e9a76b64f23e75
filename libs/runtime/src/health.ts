import { type Clock, systemClock } from '@messagecore/kernel';
import type { Metrics } from './metrics.ts';
import { within } from './within.ts';

export interface CheckResult {
  readonly ok: boolean;
  readonly latencyMs: number;
  /** Why it is not ok. */
  readonly error?: string;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
  /** What an operator should know although everything works; left out when there is nothing. */
  readonly warnings?: readonly string[];
}

export interface HealthOptions {
  /** One probe a dependency; it is well when the promise resolves. */
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
  readonly warnings?: () => readonly string[];
  /** A probe that takes longer has failed. 2 s when left out. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

export type Health = () => Promise<HealthReport>;

const TIMEOUT_MS = 2_000;

/** Probes every dependency at once. Callers that come while a round is under way share its result. Never rejects. */
export function createHealth({
  checks,
  warnings = () => [],
  timeoutMs = TIMEOUT_MS,
  clock = systemClock,
}: HealthOptions): Health {
  let underWay: Promise<HealthReport> | undefined;

  async function round(): Promise<HealthReport> {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await probe(check, timeoutMs, clock)] as const),
    );
    const currentWarnings = warnings();
    return {
      ok: results.every(([, result]) => result.ok),
      checks: Object.fromEntries(results),
      ...(currentWarnings.length > 0 && { warnings: currentWarnings }),
    };
  }

  return () => {
    underWay ??= round().finally(() => (underWay = undefined));
    return underWay;
  };
}

async function probe(check: () => Promise<unknown>, timeoutMs: number, clock: Clock): Promise<CheckResult> {
  const start = clock.monotonic();
  const latencyMs = () => Math.round((clock.monotonic() - start) * 100) / 100;
  try {
    await within(timeoutMs, check(), clock);
    return { ok: true, latencyMs: latencyMs() };
  } catch (error) {
    return { ok: false, latencyMs: latencyMs(), error: error instanceof Error ? error.message : String(error) };
  }
}

/** Has each scrape tell which dependencies answer, and how soon; both gauges share one round. */
export function observeHealth(metrics: Pick<Metrics, 'gauge'>, health: Health): void {
  const labels = ['dependency'] as const;
  metrics.gauge('dependency_up', '1 while a dependency answers', {
    labels,
    async collect(gauge) {
      const { checks } = await health();
      for (const [dependency, { ok }] of Object.entries(checks)) gauge.set({ dependency }, ok ? 1 : 0);
    },
  });
  metrics.gauge('dependency_seconds', 'Time that a dependency took to answer, or to fail', {
    labels,
    async collect(gauge) {
      const { checks } = await health();
      for (const [dependency, { latencyMs }] of Object.entries(checks)) gauge.set({ dependency }, latencyMs / 1_000);
    },
  });
}

import { type Clock, systemClock } from '@messagecore/kernel';

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
  const timeUp = Promise.withResolvers<never>();
  const timer = clock.setTimeout(() => timeUp.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const latencyMs = () => Math.round((clock.monotonic() - start) * 100) / 100;
  try {
    await Promise.race([check(), timeUp.promise]);
    return { ok: true, latencyMs: latencyMs() };
  } catch (error) {
    return { ok: false, latencyMs: latencyMs(), error: error instanceof Error ? error.message : String(error) };
  } finally {
    timer.cancel();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { LatencyRecorder } from '../measure/latency.ts';

export interface OpenLoopPlan {
  /** Messages a second, evenly spaced, sent when they are due however late the answers are. */
  readonly rate: number;
  readonly seconds: number;
  /** How often each message is received. 1 when left out. */
  readonly receipts?: number;
}

/** Milliseconds. `missing` receipts were not there when patience ran out. */
export interface OpenLoopResult {
  readonly sent: number;
  readonly missing: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface OpenLoop {
  /** Message `index` was received. */
  arrived(index: number): void;
  readonly result: Promise<OpenLoopResult>;
}

const TICK_MS = 1;
/** How long after the last send a message may still come. */
const PATIENCE_MS = 20_000;

/**
 * Sends on schedule and measures from the moment at which each message was due, not from when it left: a sender that is
 * held up counts as delay, so nothing is omitted.
 */
export function openLoop({ rate, seconds, receipts = 1 }: OpenLoopPlan, send: (index: number) => void): OpenLoop {
  const total = Math.round(rate * seconds);
  const startedAt = performance.now() + 2 * TICK_MS;
  const dueAt = (index: number) => startedAt + (index * 1_000) / rate;
  const latency = new LatencyRecorder();
  const complete = Promise.withResolvers<void>();
  const run = async (): Promise<OpenLoopResult> => {
    for (let next = 0; next < total;) {
      const now = performance.now();
      while (next < total && dueAt(next) <= now) send(next++);
      if (next < total) await sleep(Math.max(0, Math.min(TICK_MS, dueAt(next) - performance.now())));
    }
    await Promise.race([complete.promise, sleep(PATIENCE_MS, undefined, { ref: false })]);
    return {
      sent: total,
      missing: total * receipts - latency.count,
      p50: latency.percentile(50),
      p90: latency.percentile(90),
      p99: latency.percentile(99),
      p999: latency.percentile(99.9),
      max: latency.percentile(100),
    };
  };
  return {
    arrived: (index) => {
      latency.record(performance.now() - dueAt(index));
      if (latency.count === total * receipts) complete.resolve();
    },
    result: run(),
  };
}

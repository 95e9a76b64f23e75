import { setTimeout as sleep } from 'node:timers/promises';
import { LatencyRecorder } from '../measure/latency.ts';
import { clockOffset, type LoadRun } from './plan.ts';

const TICK_MS = 1;
/** A load is given up when answers are so far behind, seconds of it. */
const GIVE_UP_SECONDS = 2;

export interface Schedule {
  readonly count: number;
  /** When the message with this number in the run is due, by `performance.now()`. */
  readonly dueAt: (at: number) => number;
}

export function scheduleOf({ rate, seconds, startAt }: LoadRun): Schedule {
  const start = startAt - clockOffset();
  return { count: Math.round(rate * seconds), dueAt: (at) => start + (at * 1_000) / rate };
}

/**
 * Sends each message when it is due, whatever happens to those before. Ends early when two seconds' worth of messages are
 * without an answer: the rate is not held, and what waits must be worked off before the next load.
 */
export async function keepPace(
  { count, dueAt }: Schedule,
  rate: number,
  { send, answered }: { readonly send: (at: number) => void; readonly answered: () => number },
): Promise<{ readonly sent: number; readonly lateP99: number }> {
  const late = new LatencyRecorder();
  let sent = 0;
  while (sent < count && sent - answered() < rate * GIVE_UP_SECONDS) {
    for (let now = performance.now(); sent < count && dueAt(sent) <= now; sent += 1) {
      late.record(now - dueAt(sent));
      send(sent);
    }
    if (sent < count) await sleep(Math.max(0, Math.min(TICK_MS, dueAt(sent) - performance.now())));
  }
  return { sent, lateP99: late.percentile(99) };
}

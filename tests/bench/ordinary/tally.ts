import { LatencyRecorder } from '../measure/latency.ts';
import type { Schedule } from './pace.ts';
import { BOUND_MS, type Received } from './plan.ts';

/** Records when messages came, by when they were due. */
export class Tally {
  readonly #base: number;
  readonly #schedule: Schedule;
  readonly #latency = new LatencyRecorder();
  /** How often each message is still awaited. */
  readonly #awaited: Uint16Array;
  #inTime = 0;
  #received = 0;

  /** `base` is the index of the first message; each is awaited `receipts` times. */
  constructor(base: number, schedule: Schedule, receipts: number) {
    this.#base = base;
    this.#schedule = schedule;
    this.#awaited = new Uint16Array(schedule.count).fill(receipts);
  }

  get received(): number {
    return this.#received;
  }

  arrived(index: number): void {
    const at = index - this.#base;
    const awaited = this.#awaited[at] ?? 0;
    if (awaited === 0) return;
    this.#awaited[at] = awaited - 1;
    this.#received += 1;
    const ms = performance.now() - this.#schedule.dueAt(at);
    if (ms <= BOUND_MS) this.#inTime += 1;
    this.#latency.record(ms);
  }

  /** Counts what has not come of the first `sent` messages with the time waited for it, so that no loss looks fast. */
  close(sent: number): Received {
    const came = this.#received;
    const now = performance.now();
    for (let at = 0; at < sent; at += 1) {
      for (let left = this.#awaited[at] ?? 0; left > 0; left -= 1) this.#latency.record(now - this.#schedule.dueAt(at));
    }
    return { ...this.#latency.summary(), inTime: this.#inTime, came };
  }
}

import type { Clock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';

/** Users remembered at most; the longest out is forgotten first. */
const REMEMBERED = 10_000;

/**
 * Users who were thrown out for flooding a moment ago. A new connection has a new allowance: without this, whoever
 * reconnects at once would never run out.
 */
export class Flooders {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(userId: string): void {
    this.#until.delete(userId);
    this.#until.set(userId, this.#clock.monotonic() + LIMITS.floodedOutMs);
    const [longest] = this.#until.keys();
    if (this.#until.size > REMEMBERED && longest !== undefined) this.#until.delete(longest);
  }

  /** Milliseconds for which the user stays out; 0 for all others. */
  waitMs(userId: string): number {
    const until = this.#until.get(userId);
    if (until === undefined) return 0;
    const left = Math.ceil(until - this.#clock.monotonic());
    if (left <= 0) this.#until.delete(userId);
    return Math.max(0, left);
  }
}

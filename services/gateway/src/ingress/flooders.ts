import type { Clock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { LRUCache } from 'lru-cache';

/** Users remembered at most; the longest out is forgotten first. */
const REMEMBERED = 10_000;

/**
 * Users who were thrown out for flooding a moment ago. A new connection has a new allowance: without this, whoever
 * reconnects at once would never run out.
 */
export class Flooders {
  readonly #clock: Clock;
  readonly #until = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(userId: string): void {
    this.#until.set(userId, this.#clock.monotonic() + LIMITS.floodedOutMs);
  }

  /** Milliseconds for which the user stays out; 0 for all others. */
  waitMs(userId: string): number {
    const until = this.#until.peek(userId);
    if (until === undefined) return 0;
    const left = Math.ceil(until - this.#clock.monotonic());
    if (left <= 0) this.#until.delete(userId);
    return Math.max(0, left);
  }
}

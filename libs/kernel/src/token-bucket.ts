import { type Clock, systemClock } from './clock.ts';

export interface BucketRate {
  /** Sustained rate. */
  readonly perSecond: number;
  /** Most tokens saved up; the bucket starts with that many. */
  readonly burst: number;
}

export interface TokenBucketOptions extends BucketRate {
  readonly clock?: Clock;
}

/** A rate limit: over any `t` seconds at most `burst + perSecond * t` tokens are granted. */
export class TokenBucket {
  #perMs: number;
  #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor({ perSecond, burst, clock = systemClock }: TokenBucketOptions) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledAt = clock.monotonic();
  }

  /**
   * Takes `count` tokens and returns 0, or takes none and returns the whole milliseconds after which they would be there
   * (`Infinity` when they never will, because `count` is above the burst).
   */
  take(count = 1): number {
    const waitMs = this.waitFor(count);
    if (waitMs === 0) this.#tokens -= count;
    return waitMs;
  }

  /** Takes tokens that may not be there. Until they are paid back `waitFor(0)` says how long that takes. */
  spend(count: number): void {
    this.#fill();
    this.#tokens -= count;
  }

  /** What `take` would return, without taking anything. */
  waitFor(count = 1): number {
    if (count > this.#burst) return Infinity;
    this.#fill();
    return this.#tokens < count ? Math.max(1, Math.ceil((count - this.#tokens) / this.#perMs)) : 0;
  }

  /** Another rate from now on. The tokens that are there stay, as far as the new burst allows: a change grants none. */
  goOnAt({ perSecond, burst }: BucketRate): void {
    this.#fill();
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = Math.min(burst, this.#tokens);
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
  }
}

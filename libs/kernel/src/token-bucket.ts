import { type Clock, systemClock } from './clock.ts';
import { type BucketRate, missing, spend, wait } from './gcra.ts';

export interface TokenBucketOptions extends BucketRate {
  readonly clock?: Clock;
}

/** A bucket in the hands of one owner: over any `t` seconds at most `burst + perSecond * t` tokens are granted. */
export class TokenBucket {
  readonly #clock: Clock;
  #rate: BucketRate;
  #fullAt = 0;

  constructor({ clock = systemClock, ...rate }: TokenBucketOptions) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** A bucket whose rate may change: it has the numbers that `rate` has at the time. */
  static following(rate: BucketRate, clock?: Clock): TokenBucket {
    const bucket = new TokenBucket({ ...rate, ...(clock && { clock }) });
    bucket.#rate = rate;
    return bucket;
  }

  /**
   * Takes `count` tokens and returns 0, or takes none and returns the whole milliseconds after which they would be there.
   * More than the burst is granted when the bucket is full, and leaves a debt.
   */
  take(count = 1): number {
    const waitMs = this.waitFor(count);
    if (waitMs === 0) this.#fullAt = spend(this.#fullAt, this.#clock.monotonic(), this.#rate, count);
    return waitMs;
  }

  /** Takes tokens that may not be there. Until they are paid back `waitFor(0)` says how long that takes. */
  spend(count: number): void {
    this.#fullAt = spend(this.#fullAt, this.#clock.monotonic(), this.#rate, count);
  }

  /** What `take` would return, without taking anything. */
  waitFor(count = 1): number {
    return Math.max(0, Math.ceil(wait(this.#fullAt, this.#clock.monotonic(), this.#rate, count)));
  }

  /** Another rate from now on. The tokens that are there stay, as far as the new burst allows: a change grants none. */
  goOnAt(rate: BucketRate): void {
    const now = this.#clock.monotonic();
    const lacking = missing(this.#fullAt, now, this.#rate) + rate.burst - this.#rate.burst;
    this.#fullAt = spend(now, now, rate, Math.max(0, lacking));
    this.#rate = rate;
  }
}

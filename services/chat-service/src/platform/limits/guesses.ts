import { type Clock, systemClock, TokenBucket } from '@messagecore/kernel';

const GUESSES = { perSecond: 0.1, burst: 10 };
/** Addresses remembered at most; one that is forgotten has its guesses again. */
const REMEMBERED = 10_000;

/** Counts wrong secrets by address: ten, and one more every ten seconds. */
export class Guesses {
  readonly #clock: Clock;
  /** Those that guessed the longest ago first. */
  readonly #buckets = new Map<string, TokenBucket>();
  /** Addresses that have no guess left, and until when. */
  readonly #until = new Map<string, number>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Milliseconds until the address may try again; 0 when it may now. */
  waitMs(address: string): number {
    const left = (this.#until.get(address) ?? 0) - this.#clock.monotonic();
    if (left <= 0) this.#until.delete(address);
    return Math.max(0, Math.ceil(left));
  }

  wrong(address: string): void {
    const bucket = this.#buckets.get(address) ?? new TokenBucket({ ...GUESSES, clock: this.#clock });
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    const waitMs = bucket.take();
    // The wait is for the next guess; the one that used up the last token has been answered.
    if (waitMs > 0) this.#until.set(address, this.#clock.monotonic() + waitMs);
    const [longestAgo] = this.#buckets.keys();
    if (this.#buckets.size <= REMEMBERED || longestAgo === undefined) return;
    this.#buckets.delete(longestAgo);
    this.#until.delete(longestAgo);
  }
}

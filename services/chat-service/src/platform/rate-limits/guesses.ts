import { type Clock, systemClock, TokenBucket } from '@messagecore/kernel';
import { LRUCache } from 'lru-cache';

const GUESSES = { perSecond: 0.1, burst: 10 };
/** Addresses remembered at most; one that is forgotten has its guesses again. */
const REMEMBERED = 10_000;

interface Address {
  readonly bucket: TokenBucket;
  /** Until when there is no guess left. */
  until: number;
}

/** Counts wrong secrets by address: ten, and one more every ten seconds. */
export class Guesses {
  readonly #clock: Clock;
  /** Those that guessed the longest ago are forgotten first. */
  readonly #addresses = new LRUCache<string, Address>({ max: REMEMBERED });

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Milliseconds until the address may try again; 0 when it may now. */
  waitMs(address: string): number {
    const { until = 0 } = this.#addresses.peek(address) ?? {};
    return Math.max(0, Math.ceil(until - this.#clock.monotonic()));
  }

  wrong(address: string): void {
    const known = this.#addresses.get(address) ?? this.#newAddress(address);
    const waitMs = known.bucket.take();
    // The wait is for the next guess; the one that used up the last token has been answered.
    if (waitMs > 0) known.until = this.#clock.monotonic() + waitMs;
  }

  #newAddress(address: string): Address {
    const added: Address = { bucket: new TokenBucket({ ...GUESSES, clock: this.#clock }), until: 0 };
    this.#addresses.set(address, added);
    return added;
  }
}

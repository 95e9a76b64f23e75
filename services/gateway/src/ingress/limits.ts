import { type Clock, TokenBucket } from '@messagecore/kernel';
import { LIMITS, type Rate } from '@messagecore/protocol';

/** Counts events in windows that start with the first one counted. */
export class WindowCounter {
  readonly #windowMs: number;
  #since = 0;
  #count = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** How many were counted in the window that is open. */
  count(now: number): number {
    return now - this.#since >= this.#windowMs ? 0 : this.#count;
  }

  /** Counts some more and returns how many the window has. */
  add(now: number, count = 1): number {
    if (this.#count === 0 || now - this.#since >= this.#windowMs) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += count;
    return this.#count;
  }
}

/** What one connection may ask of the gateway. An idle connection costs a few numbers; counters appear with trouble. */
export class ConnectionLimits {
  readonly #clock: Clock;
  #frames: TokenBucket | undefined;
  #rate: Rate | undefined;
  #malformed: WindowCounter | undefined;
  #refused: WindowCounter | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes so many frames, and returns 0, or none, and returns the milliseconds after which they are welcome. Every renewal
   * of a token brings a rate; what is left of the old one goes over to it, so that renewing buys nothing.
   */
  takeFrames(rate: Rate, count: number): number {
    this.#frames ??= new TokenBucket({ ...rate, clock: this.#clock });
    if (this.#rate !== rate) this.#frames.goOnAt(rate);
    this.#rate = rate;
    return this.#frames.take(count);
  }

  /** Notes a malformed frame. True when it was one too many. */
  malformed(): boolean {
    this.#malformed ??= new WindowCounter(LIMITS.malformedWindowMs);
    return this.#malformed.add(this.#clock.monotonic()) >= LIMITS.malformedFrames;
  }

  /** The weight of what was refused lately. */
  get refusals(): number {
    return this.#refused?.count(this.#clock.monotonic()) ?? 0;
  }

  /** Notes a refusal because of a rate, of a frame of this weight. True when it was one too many. */
  refused(weight: number): boolean {
    this.#refused ??= new WindowCounter(LIMITS.refusalWindowMs);
    return this.#refused.add(this.#clock.monotonic(), weight) >= LIMITS.refusals;
  }
}

/** Keeps what a client sends within the rates that the server named in `ready`. */
import { type Clock, type Timer, TokenBucket } from '@messagecore/kernel';
import type { SessionLimits } from './wire.ts';

/** What something costs: sends and changes count against the user's rate too, everything against the connection's. */
export type Cost = 'send' | 'frame';

const UNLIMITED = { perSecond: 1e9, burst: 1e9 };

/**
 * Token buckets for the connection and the user. The server allows bursts beyond its rates; this side saves up less, so that
 * other sessions of the user, and frames that cannot wait, find room too.
 */
export class Pace {
  readonly #clock: Clock;
  #frames: TokenBucket;
  #sends: TokenBucket;
  #heldUntil = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#frames = new TokenBucket({ ...UNLIMITED, clock });
    this.#sends = new TokenBucket({ ...UNLIMITED, clock });
  }

  /** A connection is ready. The user's rate goes on where the last connection left it. */
  online({ framesPerSecond, sendsPerSecond }: Pick<SessionLimits, 'framesPerSecond' | 'sendsPerSecond'>): void {
    this.#frames = new TokenBucket({ ...rateOf(framesPerSecond), clock: this.#clock });
    this.#sends.goOnAt(rateOf(sendsPerSecond));
    this.#heldUntil = -Infinity;
  }

  /** The server refused something as too much: nothing goes out for as long as it said. */
  refused(retryAfterMs: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#clock.monotonic() + retryAfterMs);
  }

  /** Takes room for one `send`, or for a frame that counts as `frames`, and returns 0; or the milliseconds to wait. */
  take(cost: Cost, frames = 1): number {
    const heldMs = this.#heldUntil - this.#clock.monotonic();
    const waitMs = Math.max(heldMs, this.#frames.waitFor(frames), cost === 'send' ? this.#sends.waitFor() : 0);
    if (waitMs > 0) return waitMs;
    this.#frames.take(frames);
    if (cost === 'send') this.#sends.take();
    return 0;
  }
}

/**
 * A little less than the server allows, and half a second's worth saved up: the two clocks differ, frames bunch on their
 * way, and what is refused takes its place behind what followed it. A server that names no rate has none.
 */
function rateOf(perSecond: number): typeof UNLIMITED {
  return perSecond > 0 ? { perSecond: perSecond * 0.95, burst: Math.max(1, perSecond / 2) } : UNLIMITED;
}

export interface TurnsOptions {
  readonly clock: Clock;
  /** Takes room for it and returns 0, or the milliseconds to wait. */
  readonly take: (key: string) => number;
  readonly perform: (key: string) => void;
}

/** Things to do as soon as there is room for them, each key once, in the order they came. */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #due = new Set<string>();
  #timer: Timer | undefined;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** At once when there is room. */
  add(key: string): void {
    this.#due.add(key);
    if (this.#timer === undefined) this.#run();
  }

  clear(): void {
    this.#due.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #run(): void {
    for (const key of this.#due) {
      const waitMs = this.#options.take(key);
      if (waitMs > 0) {
        this.#timer = this.#options.clock.setTimeout(() => {
          this.#timer = undefined;
          this.#run();
        }, waitMs);
        return;
      }
      this.#due.delete(key);
      this.#options.perform(key);
    }
  }
}

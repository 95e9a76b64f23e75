import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  readonly random?: Random;
}

/**
 * Waits between attempts: drawn evenly from `minMs` to a ceiling that doubles with each attempt (2, 4, 8 … times
 * `minMs`) up to `maxMs`. The wide draw keeps many clients that failed together from coming back together.
 */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: Random;
  #ceilingMs: number;

  constructor({ minMs, maxMs, random = Math.random }: BackoffOptions) {
    this.#minMs = minMs;
    this.#maxMs = Math.max(minMs, maxMs);
    this.#random = random;
    this.#ceilingMs = minMs;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    this.#ceilingMs = Math.min(this.#ceilingMs * 2, this.#maxMs);
    return this.#minMs + this.#random() * (this.#ceilingMs - this.#minMs);
  }

  /** Starts over, after a success. */
  reset(): void {
    this.#ceilingMs = this.#minMs;
  }
}

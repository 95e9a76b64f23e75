import type { Clock, Timer } from './clock.ts';

interface Pending {
  readonly at: number;
  readonly fn: () => void;
}

/**
 * A clock that stands still until it is told to move: for simulations and tests. Timers run inside `advance`, ordered by
 * their time and, at the same time, by when they were set; a timer set by a timer runs in the same `advance` if it is due.
 */
export class VirtualClock implements Clock {
  readonly #epochMs: number;
  #elapsed = 0;
  #pending: Pending[] = [];

  constructor(epochMs = Date.UTC(2026, 0, 1)) {
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#epochMs + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const entry: Pending = { at: this.#elapsed + Math.max(0, ms), fn };
    const later = this.#pending.findIndex((other) => other.at > entry.at);
    this.#pending.splice(later === -1 ? this.#pending.length : later, 0, entry);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== entry);
      },
    };
  }

  /** Milliseconds until the next timer; undefined when none is set. */
  get untilNext(): number | undefined {
    const next = this.#pending[0];
    return next === undefined ? undefined : next.at - this.#elapsed;
  }

  /** Moves time to the next timer and runs that one alone. False when none is set. */
  runNext(): boolean {
    const next = this.#pending.shift();
    if (next === undefined) return false;
    this.#elapsed = next.at;
    next.fn();
    return true;
  }

  /** Moves time forward, running what falls due on the way. */
  advance(ms: number): void {
    const target = this.#elapsed + ms;
    for (let due = this.#pending[0]; due !== undefined && due.at <= target; due = this.#pending[0]) {
      this.#pending.shift();
      this.#elapsed = due.at;
      due.fn();
    }
    this.#elapsed = target;
  }
}

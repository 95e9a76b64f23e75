import type { Clock, Timer } from '@messagecore/kernel';

/** Conversations with at most so many sessions here are told of every report at once. */
const SMALL = 64;
/** Larger ones at most once in this time. */
const EVERY_MS = 1_000;
/** `read` frames for all sessions of a larger conversation together, each time. */
const FRAMES = 10_000;

/**
 * Decides how many users' read positions are sent to a conversation now.
 *
 * When everybody reads every message, each report to each session is a number of frames that grows with the square of
 * the sessions. So a conversation with many sessions is told seldom, of several users at once, and the users told of
 * become fewer with the sessions. The others keep their place; what they read meanwhile replaces what they had read.
 */
export class ReadPace {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #dueAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  /** `onDue` is called when some that had to wait may be told. */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** How many of the waiting reports may be sent now. */
  allows(waiting: number, sessions: number): number {
    if (waiting === 0 || sessions <= SMALL) return waiting;
    const now = this.#clock.monotonic();
    if (now < this.#dueAt) return this.#wait(0, now);
    this.#dueAt = now + EVERY_MS;
    const allowed = Math.max(1, Math.floor(FRAMES / sessions));
    return waiting <= allowed ? waiting : this.#wait(allowed, now);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(allowed: number, now: number): number {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#onDue();
    }, this.#dueAt - now);
    return allowed;
  }
}

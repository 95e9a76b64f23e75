import type { Clock } from '@messagecore/kernel';

/** The shortest is taken from this window and the one before: distances change seldom, and a slow system is not far away. */
const WINDOW_MS = 300_000;

/** What the fastest answer of the last minutes took: at least as long as the way to chat-services and back. */
export class ShortestAnswer {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #since = -Infinity;
  #least = Infinity;
  #before = Infinity;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  note(ms: number): void {
    const now = this.#clock.monotonic();
    if (now - this.#since > WINDOW_MS) {
      this.#before = this.#least;
      this.#least = Infinity;
      this.#since = now;
    }
    this.#least = Math.min(this.#least, ms);
  }

  /** Milliseconds; 0 before the first answer. */
  get ms(): number {
    const ms = Math.min(this.#least, this.#before);
    return ms === Infinity ? 0 : ms;
  }
}

import type { Clock } from '@messagecore/kernel';

/** A period in which the stream acknowledged nothing although the connection was up. Times of the monotonic clock. */
export interface Silence {
  readonly since: number;
  /** When an acknowledgement last failed to come. */
  readonly last: number;
}

/** Follows what is asked of a stream, to tell one that is slow from one that acknowledges nothing. */
export class SilenceMeter {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #underWay = 0;
  /** Since when something was asked and nothing answered. */
  #since: number | undefined;
  #last: number | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Undefined while nothing has failed since the last acknowledgement. */
  get silence(): Silence | undefined {
    return this.#since === undefined || this.#last === undefined ? undefined : { since: this.#since, last: this.#last };
  }

  /** Milliseconds since which something is asked and nothing answered; 0 when nothing is. */
  get lastsMs(): number {
    return this.#since === undefined ? 0 : this.#clock.monotonic() - this.#since;
  }

  asked(): void {
    this.#underWay += 1;
    this.#since ??= this.#clock.monotonic();
  }

  answered(): void {
    this.#underWay -= 1;
    this.#since = this.#underWay > 0 ? this.#clock.monotonic() : undefined;
    this.#last = undefined;
  }

  /** No acknowledgement, or a refusal. */
  failed(): void {
    this.#underWay -= 1;
    this.#last = this.#clock.monotonic();
  }

  /** The publication never reached the stream, which says nothing about the stream. */
  notSent(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0 && this.#last === undefined) this.#since = undefined;
  }

  /** A new connection leads to a server of which nothing is known. */
  reset(): void {
    this.#since = undefined;
    this.#last = undefined;
  }
}

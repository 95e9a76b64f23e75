import type { Clock } from '@messagecore/kernel';

/** Chat-services say every second that they are alive; nothing of any of them for so long is a break. */
const SILENCE_MS = 3_000;
/** Names remembered at most; the one heard of longest ago is forgotten first. */
const MAX_NAMES = 1_000;

/**
 * Notices that the bus lost what was published on its way here, where the connection to it does not show that: it leads to a
 * leaf node of NATS, or to another cluster, whose line to its home broke. What chat-services say every second is numbered, so
 * a number that is missing shows a break, and so does silence of all of them. A break between two signs is not noticed.
 */
export class SignsOfLife {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #last = new Map<string, { readonly number: number; readonly at: number }>();
  /** Of any of them. */
  #heardAt = Infinity;
  #onMissed: (agoMs: number) => void = () => {};

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** `listener` learns, once the bus works again, how long ago the last sign before the break came. */
  onMissed(listener: (agoMs: number) => void): void {
    this.#onMissed = listener;
  }

  /** Breaks until now are known. */
  restart(): void {
    this.#last.clear();
    this.#heardAt = Infinity;
  }

  /** The chat-service `name` is alive. `number` is undefined from one of an earlier version. */
  note(name: string, number: number | undefined): void {
    const now = this.#clock.monotonic();
    const last = this.#last.get(name);
    const isMissing = last !== undefined && number !== undefined && number > last.number + 1;
    const since = now - this.#heardAt > SILENCE_MS ? this.#heardAt : isMissing ? last.at : undefined;
    this.#heardAt = now;
    this.#last.delete(name);
    // One that comes late is behind the last.
    if (number !== undefined) this.#last.set(name, { number: Math.max(number, last?.number ?? 0), at: now });
    if (this.#last.size > MAX_NAMES) this.#last.delete(this.#last.keys().next().value ?? '');
    if (since !== undefined) this.#onMissed(now - since);
  }
}

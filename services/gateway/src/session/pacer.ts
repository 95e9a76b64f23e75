/** Something that does its work in slices. */
export interface Sliced {
  run(): void;
}

/** Time for slices in one turn of the event loop. */
const TURN_MS = 2;

/**
 * Gives all sessions that catch up their slices in turn, a few milliseconds in each turn of the event loop, so that a
 * wave of replays leaves the loop free for everybody else.
 */
export class Pacer {
  readonly #monotonic: () => number;
  readonly #defer: (run: () => void) => unknown;
  #queue: Sliced[] = [];
  #scheduled = false;

  /** `defer` calls its argument once, in the next turn of the event loop. */
  constructor(monotonic: () => number, defer: (run: () => void) => unknown = setImmediate) {
    this.#monotonic = monotonic;
    this.#defer = defer;
  }

  add(sliced: Sliced): void {
    this.#queue.push(sliced);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#defer(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    const round = this.#queue;
    this.#queue = [];
    const end = this.#monotonic() + TURN_MS;
    let next = 0;
    do {
      round[next]?.run();
      next += 1;
    } while (next < round.length && this.#monotonic() < end);
    if (next < round.length) this.#queue = [...round.slice(next), ...this.#queue];
    if (this.#queue.length > 0) this.#schedule();
  };
}

/** A sink with something to write. */
export interface Flushable {
  flush(): void;
}

/**
 * Schedules output: once per turn of the event loop the rooms hand new frames to sinks, then each sink with frames
 * writes once. So a burst that arrived in one read leaves as one write per socket, also when it came from several
 * rooms, and an acknowledgement shares the write with the message. An idle process schedules nothing.
 */
export class FlushScheduler {
  readonly #defer: (run: () => void) => unknown;
  #handOver: (() => void) | undefined;
  #dirty: Flushable[] = [];
  #scheduled = false;

  /** `defer` calls its argument once, in the next turn of the event loop. */
  constructor(defer: (run: () => void) => unknown = setImmediate) {
    this.#defer = defer;
  }

  /** Sets the function that hands over room frames, called at the start of each turn. */
  runBeforeFlush(handOver: () => void): void {
    this.#handOver = handOver;
  }

  /** The sink has something to write. At most once a turn by the same sink. */
  add(sink: Flushable): void {
    this.#dirty.push(sink);
    this.schedule();
  }

  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#defer(this.#run);
  }

  readonly #run = (): void => {
    this.#scheduled = false;
    this.#handOver?.();
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const sink of dirty) sink.flush();
  };
}

/** How long something may wait for company, in milliseconds. */
const COMPANY_MS = 25;

/** A sink with something to write. */
export interface Flushable {
  flush(): void;
}

/**
 * Schedules output: once per turn of the event loop the rooms hand new frames to sinks, then each sink with frames
 * writes once. So a burst that arrived in one read leaves as one write per socket, also when it came from several
 * rooms, and an acknowledgement shares the write with the message. What is not urgent waits a little for such a write.
 * An idle process schedules nothing.
 */
export class FlushScheduler {
  readonly #defer: (run: () => void) => unknown;
  readonly #later: (run: () => void, ms: number) => unknown;
  #handOver: (() => void) | undefined;
  #dirty: Flushable[] = [];
  #scheduled = false;
  readonly #patient = new Set<Flushable>();

  /** `defer` calls its argument once, in the next turn of the event loop; `later` after so many milliseconds. */
  constructor(
    defer: (run: () => void) => unknown = setImmediate,
    later: (run: () => void, ms: number) => unknown = setTimeout,
  ) {
    this.#defer = defer;
    this.#later = later;
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

  /** What the sink has to write may leave with its next write, and leaves after `COMPANY_MS` at the latest. */
  addPatient(sink: Flushable): void {
    if (this.#patient.size === 0) this.#later(this.#runPatient, COMPANY_MS);
    this.#patient.add(sink);
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

  readonly #runPatient = (): void => {
    const patient = [...this.#patient];
    this.#patient.clear();
    for (const sink of patient) sink.flush();
  };
}

/** Lets so many work at once; the others wait in the order in which they came. Whoever owns it bounds those who wait. */
export class Semaphore {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Nobody works or waits. */
  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Undefined when there is room now; otherwise settles when it is the caller's turn. `leave` must follow either way. */
  enter(): Promise<void> | undefined {
    if (this.#running >= this.#limit) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    return undefined;
  }

  /** The place goes to the next one, or is free. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.enter();
    if (turn !== undefined) await turn;
    try {
      return await task();
    } finally {
      this.leave();
    }
  }
}

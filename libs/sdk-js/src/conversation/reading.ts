import { Backoff, type Clock, type Random, type Timer } from '@messagecore/kernel';

/** How long the server's word is waited for, and how many times on one connection. */
const BACKOFF = { minMs: 4_000, maxMs: 60_000 };
const ATTEMPTS = 6;

export interface ReadingOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** False, and nothing sent, unless online. */
  readonly transmit: (pos: number) => boolean;
  /** Whether the server tells of reports: it does so to those who have joined. */
  readonly isTold: () => boolean;
  /** The user, once known. */
  readonly me: () => string | undefined;
}

/**
 * How far everybody has read, and the user's own report on its way to the server. A report has no answer of its own: it
 * has arrived when the server tells everybody of it. Until then it is repeated, as it may have been refused for the
 * moment, or lost with a connection.
 */
export class Reading {
  readonly #options: ReadingOptions;
  readonly #positions = new Map<string, number>();
  readonly #backoff: Backoff;
  #pos = 0;
  #attempts = 0;
  #timer: Timer | undefined;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...BACKOFF, random: options.random });
  }

  /** The user has read up to `pos`; only ever moves forward. */
  read(pos: number): void {
    if (pos <= this.#pos) return;
    this.#pos = pos;
    this.start();
  }

  /** By user, as far as known. */
  get positions(): ReadonlyMap<string, number> {
    return this.#positions;
  }

  /** The server said that somebody has read up to `pos`. */
  note(user: string, pos: number): void {
    this.#positions.set(user, Math.max(pos, this.#positions.get(user) ?? 0));
    if (this.#known >= this.#pos) this.stop();
  }

  /** Reports what the server is not known to have. */
  start(): void {
    this.stop();
    this.#attempts = 0;
    this.#backoff.reset();
    this.#report();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  get #known(): number {
    return this.#positions.get(this.#options.me() ?? '') ?? 0;
  }

  #report(): void {
    if (this.#pos <= this.#known || this.#attempts === ATTEMPTS || !this.#options.transmit(this.#pos)) return;
    this.#attempts += 1;
    if (!this.#options.isTold()) return;
    this.#timer = this.#options.clock.setTimeout(() => this.#report(), this.#backoff.next());
  }
}

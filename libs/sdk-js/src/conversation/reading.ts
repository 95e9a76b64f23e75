import { Backoff, type Clock, type Random, type Timer } from '@messagecore/kernel';

/** How long the server's word is waited for, and how many times on one connection. */
const BACKOFF = { minMs: 4_000, maxMs: 60_000 };
const ATTEMPTS = 6;
/**
 * Without a join the server tells nothing of a report that it took, but does of one that it refused: within 8 s, the
 * longest that a gateway waits for the service.
 */
const REFUSAL_MS = 12_000;

export interface ReadingOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** False, and nothing sent, unless online. */
  readonly transmit: (pos: number) => boolean;
  /** Has `report` called when there is room for it. */
  readonly requestTurn: () => void;
  /** Nothing is to be reported any more. */
  readonly settled: () => void;
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
  /** The last report that the server did not refuse in time. */
  #taken = 0;
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
    if (this.isPending) return;
    this.stop();
    this.#options.settled();
  }

  /** Reports what the server is not known to have. */
  start(): void {
    this.stop();
    this.#attempts = 0;
    this.#backoff.reset();
    if (this.isPending) this.#options.requestTurn();
  }

  /** Whether there is a report that the server is not known to have. */
  get isPending(): boolean {
    return this.#pos > this.#known;
  }

  /** Another user has read nothing yet. */
  forget(): void {
    this.stop();
    this.#pos = 0;
    this.#taken = 0;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  get #known(): number {
    return Math.max(this.#taken, this.#positions.get(this.#options.me() ?? '') ?? 0);
  }

  /** Sends the report, and waits for word of it. */
  report(): void {
    const pos = this.#pos;
    if (!this.isPending || this.#attempts === ATTEMPTS || !this.#options.transmit(pos)) return;
    this.#attempts += 1;
    this.#timer?.cancel();
    this.#timer = this.#options.isTold()
      ? this.#options.clock.setTimeout(() => this.#options.requestTurn(), this.#backoff.next())
      : this.#options.clock.setTimeout(() => this.#assumeTaken(pos), REFUSAL_MS);
  }

  /** The server refused something of this conversation for the moment; it may have been the report. */
  refused(retryAfterMs: number): void {
    if (this.#timer === undefined || !this.isPending || this.#options.isTold()) return;
    this.#timer.cancel();
    this.#timer = this.#options.clock.setTimeout(() => this.#options.requestTurn(), retryAfterMs);
  }

  /** The server refused it for good. */
  giveUp(): void {
    this.#assumeTaken(this.#pos);
  }

  #assumeTaken(pos: number): void {
    this.#taken = Math.max(this.#taken, pos);
    if (this.isPending) return;
    this.stop();
    this.#options.settled();
  }
}

import type { Clock, Timer } from '@messagecore/kernel';
import { type ChatError, DEFAULT_RETRY_AFTER_MS, ERRORS } from '@messagecore/protocol/constants';

export interface ReadingOptions {
  readonly clock: Clock;
  /** Sends a report that is answered under `ref`. False, and nothing sent, unless online. */
  readonly transmit: (pos: number, ref: string) => boolean;
  /** Has `report` called when there is room for it. */
  readonly requestTurn: () => void;
  /** Nothing is to be reported any more. */
  readonly settled: () => void;
  /** The user, once known. */
  readonly me: () => string | undefined;
}

/** A report on its way. */
interface Report {
  readonly ref: string;
  readonly pos: number;
}

/**
 * How far everybody has read, and the user's own report on its way to the server. The server answers each report (ANS-1).
 * One is under way at a time; what was read meanwhile goes with the next. One that has no answer when the connection ends
 * goes out again with the next connection.
 */
export class Reading {
  readonly #options: ReadingOptions;
  readonly #positions = new Map<string, number>();
  #pos = 0;
  /** The furthest report that was answered for good, whether it was stored or refused. */
  #answered = 0;
  #underWay: Report | undefined;
  #count = 0;
  /** Runs while a report that was refused for the moment waits. */
  #timer: Timer | undefined;

  constructor(options: ReadingOptions) {
    this.#options = options;
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
    if (!this.isPending) this.#options.settled();
  }

  /** Reports what the server is not known to have. */
  start(): void {
    if (this.isPending && this.#underWay === undefined && this.#timer === undefined) this.#options.requestTurn();
  }

  /** Whether there is a report that the server is not known to have. */
  get isPending(): boolean {
    const stored = this.#positions.get(this.#options.me() ?? '') ?? 0;
    return this.#pos > Math.max(this.#answered, stored);
  }

  /** Another user has read nothing yet. */
  forget(): void {
    this.stop();
    this.#pos = 0;
    this.#answered = 0;
  }

  /** Expects no answer any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#underWay = undefined;
  }

  /** Sends the report. */
  report(): void {
    if (!this.isPending || this.#underWay !== undefined) return;
    const report = { ref: `read${(this.#count += 1)}`, pos: this.#pos };
    this.#underWay = report;
    if (!this.#options.transmit(report.pos, report.ref)) this.#underWay = undefined;
  }

  /** The server answered a request with this `ref`, which may be the report; `pos` is what it has stored. */
  done(ref: string, pos = 0): void {
    const me = this.#options.me();
    if (ref !== this.#underWay?.ref) return;
    if (me !== undefined) this.#positions.set(me, Math.max(pos, this.#positions.get(me) ?? 0));
    this.#close(this.#underWay.pos);
  }

  /** The server refused a request with this `ref`, which may be the report. */
  refused(ref: string, { code, retryAfterMs = DEFAULT_RETRY_AFTER_MS }: ChatError): void {
    if (ref !== this.#underWay?.ref) return;
    if (ERRORS[code].retry !== 'later') return this.#close(this.#underWay.pos);
    this.#underWay = undefined;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      this.start();
    }, retryAfterMs);
  }

  /** The user may not report here any more. */
  giveUp(): void {
    this.stop();
    this.#close(this.#pos);
  }

  #close(pos: number): void {
    this.#underWay = undefined;
    this.#answered = Math.max(this.#answered, pos);
    if (this.isPending) this.start();
    else this.#options.settled();
  }
}

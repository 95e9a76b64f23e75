import type { Clock } from './clock.ts';

export interface GatheringOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'setTimeout'>;
  /** How long the first one waits for others at most. */
  readonly windowMs: number;
  /** Runs a function soon, after whatever else is arriving just now. */
  readonly defer: (fn: () => void) => void;
  /** Waiting begins when windows would have brought this many on average; 2 when left out. */
  readonly wouldPay?: number;
  /** It goes on while they bring so many; 1.5 when left out. */
  readonly pays?: number;
}

/** Weight of the latest window in the averages. */
const WEIGHT = 1 / 8;
/** After a silence of this many windows nothing is known, and nobody waits. */
const SILENCE = 8;
/** After windows that did not pay, nobody waits for this long; twice as long each time that it happens again. */
const PAUSE_MS = { first: 250, longest: 8_000 };

/**
 * Runs functions together that come one soon after the other, where that makes one larger piece of work of many small
 * ones. While few come, each runs at the end of its turn. While many do, the first one waits for `windowMs`, and all that
 * came meanwhile run in one turn, in the order in which they came.
 *
 * Whether waiting pays is known only by waiting: who sends the next message when the last one is answered brings nobody
 * else. So waiting ends as soon as windows bring too few, and is tried again later.
 */
export class Gathering {
  readonly #options: Required<GatheringOptions>;
  #due: (() => void)[] = [];
  #waits = false;
  /** How many a window brings, or would bring. */
  #average = 0;
  /** Of the window that is open, or would be. */
  #count = 0;
  #openedAt = -Infinity;
  #lastAt = -Infinity;
  #pauseMs = PAUSE_MS.first;
  #pausedUntil = 0;

  constructor(options: GatheringOptions) {
    this.#options = { wouldPay: 2, pays: 1.5, ...options };
  }

  /** Whether the next one would wait. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Runs `fn` after this turn, within `windowMs`. */
  readonly defer = (fn: () => void): void => {
    this.#note();
    this.#due.push(fn);
    if (this.#due.length > 1) return;
    if (this.#waits) this.#options.clock.setTimeout(this.#runAll, this.#options.windowMs);
    else this.#options.defer(this.#runAll);
  };

  /** Settles after this turn, within `windowMs`. */
  readonly turn = (): Promise<void> => new Promise((resolve) => this.defer(resolve));

  readonly #runAll = (): void => {
    const due = this.#due;
    this.#due = [];
    for (const fn of due) fn();
  };

  #note(): void {
    const now = this.#options.clock.monotonic();
    const { windowMs } = this.#options;
    if (now - this.#lastAt > SILENCE * windowMs) this.#forget();
    this.#lastAt = now;
    const isSameWindow = this.#waits ? this.#due.length > 0 : now - this.#openedAt < windowMs;
    if (!isSameWindow) this.#close(now);
    this.#count += 1;
  }

  #forget(): void {
    this.#waits = false;
    this.#average = 0;
    this.#count = 0;
  }

  #close(now: number): void {
    if (this.#count > 0) this.#average += (this.#count - this.#average) * WEIGHT;
    this.#count = 0;
    this.#openedAt = now;
    const { pays, wouldPay } = this.#options;
    if (this.#waits && this.#average < pays) this.#stop(now);
    else if (!this.#waits && this.#average >= wouldPay && now >= this.#pausedUntil) this.#waits = true;
    else if (this.#waits && now - this.#pausedUntil > PAUSE_MS.longest) this.#pauseMs = PAUSE_MS.first;
  }

  #stop(now: number): void {
    this.#waits = false;
    this.#average = 0;
    this.#pausedUntil = now + this.#pauseMs;
    this.#pauseMs = Math.min(PAUSE_MS.longest, this.#pauseMs * 2);
  }
}

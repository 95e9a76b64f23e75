import { Backoff, type Clock, type Random, type Timer } from '@messagecore/kernel';

/** A conversation that stays behind its head without moving for this long has lost something. */
const STALL_MS = 5_000;
/** A join that is not answered for this long was lost, or refused in a way that names no conversation. */
const ANSWER_MS = 20_000;
const BACKOFF = { minMs: 500, maxMs: 8_000 };
/** Many conversations that try again at about the same time share a frame. */
const GATHER_MS = 50;

export interface RejoiningOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Asks the server for what comes after the cursor, together with what others ask within so many milliseconds. */
  readonly rejoin: (withinMs: number) => void;
  /** No answer to what was asked is expected any more. */
  readonly unanswered: () => void;
  /** Where the conversation stands, in any form that changes with it; undefined when nothing is known to be missing. */
  readonly behindAt: () => string | undefined;
}

/** Decides when to join again for what is missing: at once when a loss shows, with back-off while that brings nothing. */
export class Rejoining {
  readonly #options: RejoiningOptions;
  readonly #backoff: Backoff;
  #rejoinTimer: Timer | undefined;
  #stallTimer: Timer | undefined;
  #answerTimer: Timer | undefined;
  #fruitless = 0;

  constructor(options: RejoiningOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...BACKOFF, random: options.random });
  }

  rejoin(atLeastMs = 0): void {
    if (this.#rejoinTimer !== undefined) return;
    if (this.#fruitless === 0) this.#backoff.reset();
    const ms = this.#fruitless === 0 ? atLeastMs : Math.max(atLeastMs, this.#backoff.next());
    this.#fruitless += 1;
    this.#rejoinTimer = this.#options.clock.setTimeout(() => {
      this.#rejoinTimer = undefined;
      this.#options.rejoin(ms === 0 ? 0 : GATHER_MS);
    }, ms);
  }

  /** A join was sent. */
  asked(): void {
    this.#answerTimer?.cancel();
    this.#answerTimer = this.#options.clock.setTimeout(() => {
      this.#options.unanswered();
      this.rejoin();
    }, ANSWER_MS);
  }

  /** Every join has its answer. */
  answered(): void {
    this.#answerTimer?.cancel();
  }

  /** Something new was delivered. */
  progress(): void {
    this.#fruitless = 0;
  }

  /** The head is known anew. What is missing may be on its way: only what does not move was lost. */
  watch(): void {
    const behindAt = this.#options.behindAt();
    if (this.#stallTimer !== undefined || behindAt === undefined) return;
    this.#stallTimer = this.#options.clock.setTimeout(() => {
      this.#stallTimer = undefined;
      if (this.#options.behindAt() === behindAt) this.rejoin();
      this.watch();
    }, STALL_MS);
  }

  stop(): void {
    this.#rejoinTimer?.cancel();
    this.#stallTimer?.cancel();
    this.#answerTimer?.cancel();
    this.#rejoinTimer = undefined;
    this.#stallTimer = undefined;
  }
}

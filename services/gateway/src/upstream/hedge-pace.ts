import { type Clock, TokenBucket } from '@messagecore/kernel';

/** A second chat-service is asked after so many times what an answer takes lately, within these bounds. */
const TIMES = 4;
const LEAST_MS = 200;
const MOST_MS = 400;
/** Of the latest answer in what answers take lately. */
const SHARE = 1 / 16;
/** Second questions. */
const ALLOWANCE = { perSecond: 16, burst: 64 };

/** When and how often a second chat-service is asked the same: seldom enough that a slow system is not made slower. */
export class HedgePace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #allowance: TokenBucket;
  #typicalMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#allowance = new TokenBucket({ ...ALLOWANCE, clock });
  }

  /** Whole milliseconds, as what is left of the time goes into the request. */
  get afterMs(): number {
    return Math.round(Math.min(MOST_MS, Math.max(LEAST_MS, TIMES * this.#typicalMs)));
  }

  /** True when one more may be asked now. */
  take(): boolean {
    return this.#allowance.take() === 0;
  }

  /** Notes how long the answer takes, when there is one. */
  async timed<T>(asked: Promise<T>): Promise<T> {
    const start = this.#clock.monotonic();
    const answer = await asked;
    this.#typicalMs += (this.#clock.monotonic() - start - this.#typicalMs) * SHARE;
    return answer;
  }
}

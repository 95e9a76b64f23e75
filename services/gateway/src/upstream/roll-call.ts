import type { Clock } from '@messagecore/kernel';
import type { Peers } from './peers.ts';

/** Asked at once at most; of a larger fleet, those heard of last. */
const NAMES = 16;

/** How one who is asked by name is: `gone` when the bus knows of nobody who would answer. */
export type AskName = (name: string) => Promise<'gone' | 'there'>;

/**
 * Finds out whether a chat-service has just died. The bus knows at once that a connection has ended, but does not say so to
 * those whose requests went there: it tells whoever asks by that name. One call at a time, whoever wants to know.
 */
export class RollCall {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #peers: Pick<Peers, 'latest' | 'remove'>;
  readonly #ask: AskName;
  #underWay: Promise<void> | undefined;
  #goneAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'monotonic'>, peers: Pick<Peers, 'latest' | 'remove'>, ask: AskName) {
    this.#clock = clock;
    this.#peers = peers;
    this.#ask = ask;
  }

  /** Whether one is gone that was there at `since`, by the monotonic clock, or later. */
  async isSomebodyGone(since: number): Promise<boolean> {
    if (this.#goneAt < since) await (this.#underWay ??= this.#call().finally(() => (this.#underWay = undefined)));
    return this.#goneAt >= since;
  }

  async #call(): Promise<void> {
    const { promise: found, resolve } = Promise.withResolvers<void>();
    const answers = this.#peers.latest(NAMES).map(async (name) => {
      if ((await this.#ask(name)) !== 'gone') return;
      this.#peers.remove(name);
      this.#goneAt = this.#clock.monotonic();
      resolve();
    });
    await Promise.race([found, Promise.all(answers)]);
  }
}

import { type Clock, gcra } from '@messagecore/kernel';
import type { Rate } from '@messagecore/protocol';
import { LRUCache } from 'lru-cache';

/** Users and tokens remembered at most. One that is forgotten has its whole burst again, so nobody is refused by mistake. */
const REMEMBERED = 100_000;
/** As much of a token as nobody can guess: the end of its signature. */
const TAIL_CHARACTERS = 32;

/**
 * How often tokens of one user are verified (LIM-19). They are counted for the user once they are verified; for the token
 * itself too, so that one that comes again and again is refused before a chat-service is asked, and nobody can use up the
 * rate of another user, nor learn of it, with a token that is forged.
 */
export class Openings {
  readonly #clock: Clock;
  readonly #rate: Rate;
  /** When the burst of each user and token will be whole again. */
  readonly #fullAt = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Milliseconds until the token may be verified; 0 when it may now. */
  waitOfToken(jwt: string): number {
    return this.#wait(jwt.slice(-TAIL_CHARACTERS));
  }

  /** A token was verified, and its user is known: milliseconds until it may be taken, 0 when it was. */
  take(jwt: string, userId: string): number {
    const waitMs = this.#wait(userId);
    if (waitMs === 0) for (const key of [userId, jwt.slice(-TAIL_CHARACTERS)]) this.#spend(key);
    return waitMs;
  }

  #wait(key: string): number {
    const fullAt = this.#fullAt.get(key) ?? 0;
    return Math.max(0, Math.ceil(gcra.wait(fullAt, this.#clock.monotonic(), this.#rate)));
  }

  #spend(key: string): void {
    this.#fullAt.set(key, gcra.spend(this.#fullAt.get(key) ?? 0, this.#clock.monotonic(), this.#rate));
  }
}

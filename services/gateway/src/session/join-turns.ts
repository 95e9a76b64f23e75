import { type Clock, gcra, systemClock, type Timer } from '@messagecore/kernel';
import { LIMITS, type Rate, RATE_PROFILES } from '@messagecore/protocol';

/** Joins of one user that are asked about at once, over all sessions; further ones wait, so that others' need not. */
const ASKED = 16;
/** Joins of one user that may wait before its connections are not read from until fewer do. */
const CROWD = 2_000;
/** Joins of one user that wait, over all sessions; further ones are refused. */
const WAITING = 4 * LIMITS.joinedConversations;
/** Users whose joins of the last moments are remembered; one that is forgotten has the whole burst again. */
const REMEMBERED = 20_000;

interface Waiting {
  /** Nobody waits for the join any more. */
  readonly isVoid: () => boolean;
  /** True with a turn, false without one. */
  readonly settle: (hasTurn: boolean) => void;
}

interface Turns {
  asked: number;
  /** Joins that wait for an earlier one of the same conversation and session. */
  behind: number;
  readonly waiting: Set<Waiting>;
  timer: Timer | undefined;
}

export interface JoinTurnsOptions {
  readonly clock?: Clock;
  readonly rate?: Rate;
  /** Lets those go on whose turn it is: at once when left out. */
  readonly defer?: (fn: () => void) => void;
}

/**
 * Lets so many joins of each user be asked about at once, and so many a second (LIM-14). All users' joins share one queue to
 * chat-services, and one database: so nobody waits there behind more than these of any other user, whatever that one
 * resumes and in however many sessions. What is too fast waits for its turn; it is not refused before very many wait.
 */
export class JoinTurns {
  readonly #clock: Clock;
  readonly #rate: Rate;
  readonly #defer: (fn: () => void) => void;
  readonly #users = new Map<string, Turns>();
  /** When each user's burst will be whole again; those that joined the longest ago first. */
  readonly #fullAt = new Map<string, number>();

  constructor({
    clock = systemClock,
    rate = RATE_PROFILES.production.joinsPerUser,
    defer = (fn) => fn(),
  }: JoinTurnsOptions = {}) {
    this.#clock = clock;
    this.#rate = rate;
    this.#defer = defer;
  }

  /** Users with joins under way. */
  get size(): number {
    return this.#users.size;
  }

  /** True when so many wait that no more should be let in. */
  isCrowded(userId: string): boolean {
    return this.#waiting(userId) >= CROWD;
  }

  /** True when no more may wait. */
  isFull(userId: string): boolean {
    return this.#waiting(userId) >= WAITING;
  }

  /**
   * Settles with true when it is the user's turn, after `before`: `end` must follow. With false when the join is void by
   * then.
   */
  async begin(userId: string, isVoid: () => boolean, before?: Promise<void>): Promise<boolean> {
    const turns = this.#users.get(userId) ?? { asked: 0, behind: 0, waiting: new Set(), timer: undefined };
    this.#users.set(userId, turns);
    if (before !== undefined) {
      turns.behind += 1;
      try {
        await before;
      } finally {
        turns.behind -= 1;
      }
      if (this.#users.get(userId) !== turns) return false;
    }
    return new Promise((settle) => {
      turns.waiting.add({ isVoid, settle });
      this.#next(userId, turns);
    });
  }

  end(userId: string): void {
    const turns = this.#users.get(userId);
    if (turns === undefined) return;
    turns.asked -= 1;
    this.#next(userId, turns);
  }

  /** Nothing waits any more. */
  close(): void {
    for (const { waiting, timer } of this.#users.values()) {
      timer?.cancel();
      for (const { settle } of waiting) settle(false);
    }
    this.#users.clear();
  }

  #waiting(userId: string): number {
    const turns = this.#users.get(userId);
    return turns === undefined ? 0 : turns.waiting.size + turns.behind;
  }

  #next(userId: string, turns: Turns): void {
    for (const waiting of turns.waiting) {
      if (!waiting.isVoid()) {
        if (turns.asked >= ASKED || turns.timer !== undefined) return;
        const waitMs = this.#take(userId);
        if (waitMs > 0) return this.#later(userId, turns, waitMs);
        turns.asked += 1;
        this.#defer(() => waiting.settle(true));
      } else waiting.settle(false);
      turns.waiting.delete(waiting);
    }
    if (turns.asked > 0 || turns.behind > 0) return;
    turns.timer?.cancel();
    this.#users.delete(userId);
  }

  #later(userId: string, turns: Turns, waitMs: number): void {
    turns.timer = this.#clock.setTimeout(() => {
      turns.timer = undefined;
      this.#next(userId, turns);
    }, waitMs);
  }

  /** 0 when the user may join now, or the milliseconds to wait. */
  #take(userId: string): number {
    const now = this.#clock.monotonic();
    const fullAt = this.#fullAt.get(userId) ?? 0;
    const waitMs = gcra.wait(fullAt, now, this.#rate);
    if (waitMs > 0) return Math.ceil(waitMs);
    this.#fullAt.delete(userId);
    this.#fullAt.set(userId, gcra.spend(fullAt, now, this.#rate));
    const [longestAgo] = this.#fullAt.keys();
    if (this.#fullAt.size > REMEMBERED && longestAgo !== undefined) this.#fullAt.delete(longestAgo);
    return 0;
  }
}

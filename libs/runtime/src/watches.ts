/** What an operator has traced and logged in full for a while: conversations and users. */
import { type Clock, type Random, systemClock } from '@messagecore/kernel';

/** One conversation, or one user, of a tenant, until that wall-clock time in milliseconds. */
export interface Watch {
  readonly tid: string;
  readonly cid?: string | undefined;
  readonly uid?: string | undefined;
  readonly until: number;
}

/** Whom or what something is about. */
export interface WatchedSubject {
  readonly tid: string;
  readonly cid?: string | undefined;
  readonly uid?: string | undefined;
}

/** Each ends by itself. There are a few at the most; nothing is compared while there are none. */
export class Watches {
  readonly #clock: Pick<Clock, 'now'>;
  #all: readonly Watch[] = [];

  constructor(clock: Pick<Clock, 'now'> = systemClock) {
    this.#clock = clock;
  }

  set(watches: readonly Watch[]): void {
    this.#all = watches;
  }

  /** Those whose time is not over. */
  get active(): readonly Watch[] {
    const now = this.#clock.now();
    if (this.#all.some(({ until }) => until <= now)) this.#all = this.#all.filter(({ until }) => until > now);
    return this.#all;
  }

  includes({ tid, cid, uid }: WatchedSubject): boolean {
    if (this.#all.length === 0) return false;
    return this.active.some((watch) => {
      if (watch.tid !== tid) return false;
      return watch.cid === undefined ? watch.uid === uid : watch.cid === cid;
    });
  }
}

/** Which successes are logged: a part of all, and those that are watched. */
export interface SuccessLog {
  takes(about: WatchedSubject): boolean;
}

export function createSuccessLog(
  from: { readonly logSuccessRatio: number },
  watches: Watches,
  random: Random = Math.random,
): SuccessLog {
  return { takes: (about) => random() < from.logSuccessRatio || watches.includes(about) };
}

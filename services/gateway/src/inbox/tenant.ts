import type { DownFrame } from '@messagecore/protocol';

/** A session that asked for `inbox` frames. */
export interface InboxSession {
  readonly tid: string;
  readonly userId: string;
  /** What it has joined, or is about to join. */
  readonly joins: { has(cid: string): boolean } | undefined;
  readonly sink: { readonly buffered: number; send(frame: DownFrame): void };
}

/** A user of a tenant, while at least one of these sessions is open. */
export interface InboxUser {
  readonly uid: string;
  readonly sessions: Set<InboxSession>;
}

/** Users who came last, so that what is known of conversations need not be thrown away for one who comes. */
const ARRIVALS = 4_096;

/** The users of one tenant who have sessions here that asked for `inbox` frames. */
export class InboxTenant {
  readonly tid: string;
  readonly users = new Map<string, InboxUser>();
  readonly #unsubscribe: () => void;
  /** When the record was last asked for news, by the monotonic clock. */
  comparedAt: number;
  /** How many users have come so far; the last of them are named. */
  #count = 0;
  #last: InboxUser[] = [];

  constructor(tid: string, now: number, unsubscribe: () => void) {
    this.tid = tid;
    this.comparedAt = now;
    this.#unsubscribe = unsubscribe;
  }

  get arrivals(): number {
    return this.#count;
  }

  add(session: InboxSession): void {
    let user = this.users.get(session.userId);
    if (user === undefined) {
      user = { uid: session.userId, sessions: new Set() };
      this.users.set(user.uid, user);
      this.#arrived(user);
    }
    user.sessions.add(session);
  }

  remove(session: InboxSession): void {
    const user = this.users.get(session.userId);
    if (user?.sessions.delete(session) === true && user.sessions.size === 0) this.users.delete(user.uid);
  }

  /** Who came after so many had come; undefined when that is not remembered. */
  arrivedAfter(count: number): readonly InboxUser[] | undefined {
    const missing = this.#count - count;
    if (missing > this.#last.length) return undefined;
    return missing === 0 ? [] : this.#last.slice(-missing);
  }

  close(): void {
    this.#unsubscribe();
    this.#last = [];
  }

  #arrived(user: InboxUser): void {
    this.#count += 1;
    this.#last.push(user);
    if (this.#last.length > 2 * ARRIVALS) this.#last = this.#last.slice(-ARRIVALS);
  }
}

/** Whether some session of the user is to be told of the conversation. */
export function isToBeTold({ sessions }: InboxUser, cid: string): boolean {
  for (const session of sessions) if (session.joins?.has(cid) !== true) return true;
  return false;
}

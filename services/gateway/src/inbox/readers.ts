import type { Clock } from '@messagecore/kernel';
import { LRUCache } from 'lru-cache';
import { type InboxTenant, type InboxUser, isToBeTold } from './tenant.ts';

/** Users of all conversations together; what was needed longest ago is forgotten first. */
const MAX_USERS = 500_000;
/** Who was added is found out after so long even if the event is lost. */
const TRUSTED_MS = 60_000;

/** What is known of a conversation. */
export interface Known {
  /** Users here who take part, and those who have gone since. */
  readonly users: Set<InboxUser>;
  /** Users here of whom it is not known. */
  readonly unasked: Set<InboxUser>;
  /** Users who had come when it was asked; those who came later are not known of either. */
  readonly arrivals: number;
  /** The head that users were told of. */
  readonly head: number;
  /** When it may be told again, by the monotonic clock. */
  readonly dueAt: number;
}

/** Who is to be asked about in a conversation, and what may be said when that is answered. */
export interface Asked {
  readonly users: readonly InboxUser[];
  /** Nothing is known of the conversation: anybody here may take part. */
  readonly isAnybody: boolean;
  readonly known: Pick<Known, 'users' | 'unasked' | 'arrivals'>;
}

const NOBODY: ReadonlySet<InboxUser> = new Set();

/**
 * Which users here take part in which conversations, learned from answers, so that in the end only those are asked about
 * who are to be told. It only saves questions: whether somebody takes part is answered by the record each time. Who comes
 * here, or is added or removed, is asked about before this is believed again.
 */
export class Readers {
  readonly #known: LRUCache<string, Known>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#known = new LRUCache({
      maxSize: MAX_USERS,
      sizeCalculation: ({ users, unasked }) => 1 + users.size + unasked.size,
      ttl: TRUSTED_MS,
      ttlResolution: 0,
      perf: { now: () => clock.monotonic() },
    });
  }

  get(cid: string): Known | undefined {
    return this.#known.get(cid);
  }

  set(cid: string, known: Known): void {
    this.#known.set(cid, known);
  }

  /** Nothing is certain any more. */
  clear(): void {
    this.#known.clear();
  }

  /** The user was added or removed: it is asked about again. */
  changed(cid: string, user: InboxUser): void {
    const known = this.#known.peek(cid);
    if (known === undefined) return;
    known.users.delete(user);
    known.unasked.add(user);
  }

  /** Those who may take part and have a session that has not joined. */
  toAsk(tenant: InboxTenant, cid: string): Asked {
    const { arrivals } = tenant;
    const known = this.#known.get(cid);
    const arrived = known && tenant.arrivedAfter(known.arrivals);
    const isAnybody = known === undefined || arrived === undefined;
    const unknown = isAnybody ? tenant.users.values() : [...known.unasked, ...arrived];
    const members = isAnybody ? NOBODY : known.users;
    const users: InboxUser[] = [];
    const unasked = new Set<InboxUser>();
    const rest = new Set<InboxUser>();
    for (const user of members) {
      if (user.sessions.size === 0) continue;
      if (isToBeTold(user, cid)) users.push(user);
      else rest.add(user);
    }
    for (const user of unknown) {
      if (user.sessions.size === 0 || members.has(user)) continue;
      if (isToBeTold(user, cid)) users.push(user);
      else unasked.add(user);
    }
    return { users, isAnybody, known: { users: rest, unasked, arrivals } };
  }
}

import type { Clock } from '@messagecore/kernel';
import { LRUCache } from 'lru-cache';
import { type InboxTenant, type InboxUser, isToBeTold } from './tenant.ts';

/** Users of all conversations together; what was needed longest ago is forgotten first. */
const MAX_USERS = 500_000;
/** Who was added is found out after so long even if the event is lost. */
const TRUSTED_MS = 60_000;

/** What is known of a conversation. */
export interface Known {
  /** Of whose users. A tenant that has gone and come back is another one: its users have all come since. */
  readonly tenant: InboxTenant;
  /** When nothing was known of it last, by the monotonic clock. */
  readonly since: number;
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

/** What says whom to ask about next time. */
export type Asking = Omit<Known, 'head' | 'dueAt'>;

/** Who is to be asked about in a conversation, and what may be said when that is answered. */
export interface Asked {
  readonly users: readonly InboxUser[];
  /** Nothing is known of the conversation: anybody here may take part. */
  readonly isAnybody: boolean;
  readonly known: Asking;
}

const NOBODY: ReadonlySet<InboxUser> = new Set();

/**
 * Which users here take part in which conversations, learned from answers, so that in the end only those are asked about
 * who are to be told. It only saves questions: whether somebody takes part is answered by the record each time. Who comes
 * here, or is added or removed, is asked about before this is believed again. Nothing is believed for longer than
 * `TRUSTED_MS`.
 */
export class Readers {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #known: LRUCache<string, Known>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
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

  /** Nothing is certain about the conversation any more, nor that anybody was told. */
  forget(cid: string): void {
    this.#known.delete(cid);
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
    const now = this.#clock.monotonic();
    const known = this.#trusted(tenant, cid, now);
    const arrived = known && tenant.arrivedAfter(known.arrivals);
    const isAnybody = known === undefined || arrived === undefined;
    const since = isAnybody ? now : known.since;
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
    return { users, isAnybody, known: { tenant, since, users: rest, unasked, arrivals } };
  }

  /** Being told renews an entry, as its head is needed; what it says of users is not renewed by that. */
  #trusted(tenant: InboxTenant, cid: string, now: number): Known | undefined {
    const known = this.#known.get(cid);
    return known?.tenant === tenant && now - known.since < TRUSTED_MS ? known : undefined;
  }
}

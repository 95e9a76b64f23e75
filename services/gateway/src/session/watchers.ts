import { type DownFrameOf, LIMITS } from '@messagecore/protocol';
import type { Sink } from '../egress/sink.ts';

type PresenceState = DownFrameOf<'presence'>['state'];

/** A session that watches users. */
export interface Watcher {
  readonly tid: string;
  readonly userId: string;
  readonly sink: Pick<Sink, 'deliver'>;
}

/** The users whom a session watches, each with the presence that it was told of last. */
export type Watched = Map<string, PresenceState | undefined>;

/** A watching user: its sessions, whom each watches, and how many that makes. */
interface Watching {
  readonly sessions: Map<Watcher, Watched>;
  count: number;
  /** Until then the user is known to see everybody in the tenant, by the monotonic clock. */
  seesAllUntil: number;
}

const NOBODY: ReadonlySet<Watcher> = new Set();
const NONE: ReadonlyMap<Watcher, Watched> = new Map();

/**
 * Who watches whom (USER-4): found by the user who is watched, and bounded by the user who watches, over all sessions, and in
 * all. A user is in it while it has a session that watches somebody.
 */
export class Watchers {
  /** By tenant and watched user. */
  readonly #of = new Map<string, Map<string, Set<Watcher>>>();
  readonly #by = new Map<string, Watching>();
  #size = 0;

  /** Users who are watched, once for each session that does. */
  get size(): number {
    return this.#size;
  }

  /** The sessions that watch the user. */
  of(tid: string, userId: string): ReadonlySet<Watcher> {
    return this.#of.get(tid)?.get(userId) ?? NOBODY;
  }

  /** Whether the watching user is known to see everybody in the tenant. */
  seesAll(userId: string, now: number): boolean {
    return (this.#by.get(userId)?.seesAllUntil ?? 0) > now;
  }

  noteSeesAll(userId: string, until: number): void {
    const by = this.#by.get(userId);
    if (by !== undefined) by.seesAllUntil = until;
  }

  /** As many as may be; false when there were more. `ended` must follow. */
  watch(watcher: Watcher, users: readonly string[]): boolean {
    for (const user of users) if (!this.#add(watcher, user)) return false;
    return true;
  }

  unwatch(watcher: Watcher, users: readonly string[]): void {
    for (const user of users) this.#remove(watcher, user);
  }

  ended(watcher: Watcher): void {
    this.unwatch(watcher, [...(this.#by.get(watcher.userId)?.sessions.get(watcher)?.keys() ?? [])]);
  }

  /** The sessions of a user that watch somebody, and whom. */
  sessionsOf(userId: string): ReadonlyMap<Watcher, Watched> {
    return this.#by.get(userId)?.sessions ?? NONE;
  }

  /** Users who watch somebody. */
  get users(): Iterable<string> {
    return this.#by.keys();
  }

  get userCount(): number {
    return this.#by.size;
  }

  /** Whether anybody of the tenant is watched. */
  hasTenant(tid: string): boolean {
    return this.#of.has(tid);
  }

  #add(watcher: Watcher, user: string): boolean {
    const by = this.#by.get(watcher.userId) ?? { sessions: new Map(), count: 0, seesAllUntil: 0 };
    const watched: Watched = by.sessions.get(watcher) ?? new Map();
    if (watched.has(user)) return true;
    if (by.count >= LIMITS.watchedByUser || this.#size >= LIMITS.watchedByGateway) return false;
    const ofTenant = this.#of.get(watcher.tid) ?? new Map<string, Set<Watcher>>();
    const watchers = ofTenant.get(user) ?? new Set();
    this.#by.set(watcher.userId, by);
    this.#of.set(watcher.tid, ofTenant.set(user, watchers.add(watcher)));
    by.sessions.set(watcher, watched.set(user, undefined));
    by.count += 1;
    this.#size += 1;
    return true;
  }

  #remove(watcher: Watcher, user: string): void {
    const by = this.#by.get(watcher.userId);
    const watched = by?.sessions.get(watcher);
    if (by === undefined || watched?.delete(user) !== true) return;
    if (watched.size === 0) by.sessions.delete(watcher);
    by.count -= 1;
    if (by.count === 0) this.#by.delete(watcher.userId);
    const ofTenant = this.#of.get(watcher.tid);
    const watchers = ofTenant?.get(user);
    watchers?.delete(watcher);
    if (watchers?.size === 0) ofTenant?.delete(user);
    if (ofTenant?.size === 0) this.#of.delete(watcher.tid);
    this.#size -= 1;
  }
}

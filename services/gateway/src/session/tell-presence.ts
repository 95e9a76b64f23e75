import type { Bus, Subscription } from '@messagecore/bus';
import type { Clock } from '@messagecore/kernel';
import type { DownFrameOf } from '@messagecore/protocol';
import {
  isRpcError,
  PRESENCE_USERS,
  PresenceEvent,
  type RpcError,
  type RpcItem,
  type RpcResult,
  subjects,
} from '@messagecore/protocol/bus';
import { ReadyFrame } from '../egress/ready-frame.ts';
import type { Watched, Watcher, Watchers } from './watchers.ts';

/**
 * Steps over which everybody who watches is asked about again; fewer when what was said on the bus may just have been lost. A turn
 * may be the first of a round and the last of the next one: two rounds, with the time that answers take, stay below two minutes.
 */
const ROUND = 50;
const HURRIED_ROUND = 15;
/** While chat-services, or Redis, do not answer, they are not asked for so long. */
const REST_MS = 3_000;

/** Users of whom one who watches is told at first, in a step: watching is not to cost more than reading pages. */
const AT_FIRST = 2 * PRESENCE_USERS;

/** Sessions that are told of one user in a second, on average. */
const TOLD_PER_SECOND = 5_000;

type Question = RpcItem<'presence'>;
type Found = RpcResult<'presence'>['users'][number];

/** Whom to ask about, by who watches. */
type Asked = Map<string, { readonly tid: string; readonly users: Set<string> }>;

export interface TellPresenceOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly watchers: Watchers;
  readonly upstream: { presence(item: Question): Promise<RpcResult<'presence'> | RpcError> };
}

/**
 * Tells sessions how the users are whom they watch (PRES-1): at first, and when it is another state than they were told last.
 * The bus says only who has changed, in a subject of the tenant to which a gateway listens while somebody of it watches; what
 * each of those who watch may see is asked for, changes of one second together. What was lost on the bus is found
 * when, in turn, everybody is asked about again. Bounded by what is watched.
 */
export class TellPresence {
  readonly #options: TellPresenceOptions;
  readonly #heard = new Map<string, Subscription>();
  /** Watched users who may have changed, by tenant. */
  readonly #due = new Map<string, Set<string>>();
  /** Until when users whom very many watch are not asked about again for a change, by tenant and user. */
  readonly #pauses = new Map<string, number>();
  /** Users of whom somebody who watches them is still to be told, by who watches; and who was told of some since the last step. */
  readonly #wanted: Asked = new Map();
  readonly #served = new Set<string>();
  /** Questions that are not answered yet, by who watches, the oldest first: each with the users of whom no newer one has told. */
  readonly #open = new Map<string, Set<Set<string>>>();
  /** Users who watch and whose turn is still to come in this round. */
  #turns: string[] = [];
  #perStep = 0;
  /** Steps that are left of this round. */
  #left = ROUND;
  #isHurried = false;
  #restUntil = Number.NEGATIVE_INFINITY;

  constructor(options: TellPresenceOptions) {
    this.#options = options;
  }

  /** The session has begun to watch these. Before it asks how they are, it hears of changes. */
  watched(watcher: Watcher, users: readonly string[]): void {
    const { tid, userId } = watcher;
    const told = this.#options.watchers.sessionsOf(userId).get(watcher);
    for (const user of users) if (told?.has(user) === true) told.set(user, undefined);
    if (!this.#heard.has(tid)) {
      const hear = (payload: Uint8Array) => this.#changed(tid, payload);
      this.#heard.set(tid, this.#options.bus.subscribe(subjects.presence(tid), hear));
    }
    add(this.#wanted, userId, tid, users);
    if (!this.#served.has(userId)) void this.#ask(questions(tid, userId, this.#takeWanted(userId)));
  }

  /** Events may have been lost just now. */
  lost(): void {
    this.#left = 0;
    this.#isHurried = true;
  }

  /** To be called every second. Never rejects. */
  async step(): Promise<void> {
    this.#leave();
    if (this.#options.clock.monotonic() < this.#restUntil) return;
    const asked = this.#takeDue();
    this.#takeTurns(asked);
    this.#served.clear();
    for (const [userId, { tid }] of this.#wanted) add(asked, userId, tid, this.#takeWanted(userId));
    await this.#ask([...asked].flatMap(([userId, { tid, users }]) => questions(tid, userId, [...users])));
  }

  /** Ends what is heard of tenants of which nobody watches any more. */
  #leave(): void {
    for (const [tid, subscription] of this.#heard) {
      if (this.#options.watchers.hasTenant(tid)) continue;
      subscription.unsubscribe();
      this.#heard.delete(tid);
      this.#due.delete(tid);
    }
  }

  #changed(tid: string, payload: Uint8Array): void {
    const { users } = PresenceEvent.parse(JSON.parse(new TextDecoder().decode(payload)));
    const watched = users.filter((user) => this.#options.watchers.of(tid, user).size > 0);
    if (watched.length === 0) return;
    const due = this.#due.get(tid) ?? new Set();
    for (const user of watched) due.add(user);
    this.#due.set(tid, due);
  }

  /** Some of those whom the user wants to be told of and still watches. */
  #takeWanted(userId: string): string[] {
    const { users } = this.#wanted.get(userId) ?? { users: new Set<string>() };
    const watched = new Set<string>();
    for (const one of this.#options.watchers.sessionsOf(userId).values())
      for (const user of inBoth(users, one)) watched.add(user);
    const left = [...watched];
    const taken = left.splice(0, AT_FIRST);
    users.clear();
    for (const user of left) users.add(user);
    if (left.length === 0) this.#wanted.delete(userId);
    this.#served.add(userId);
    return taken;
  }

  /** Whom very many watch stays due until the next turn, which finds the last of the changes. */
  #takeDue(): Asked {
    const asked: Asked = new Map();
    const now = this.#options.clock.monotonic();
    for (const [key, until] of this.#pauses) if (until <= now) this.#pauses.delete(key);
    for (const [tid, users] of this.#due) {
      for (const user of users) {
        if (this.#pauses.has(`${tid} ${user}`)) continue;
        const watchers = this.#options.watchers.of(tid, user);
        for (const { userId } of watchers) add(asked, userId, tid, [user]);
        if (watchers.size > TOLD_PER_SECOND)
          this.#pauses.set(`${tid} ${user}`, now + (watchers.size / TOLD_PER_SECOND) * 1_000);
        users.delete(user);
      }
      if (users.size === 0) this.#due.delete(tid);
    }
    return asked;
  }

  #takeTurns(asked: Asked): void {
    const { watchers } = this.#options;
    if (this.#left === 0) {
      this.#left = this.#isHurried ? HURRIED_ROUND : ROUND;
      this.#isHurried = false;
      this.#turns = [...watchers.users];
      this.#perStep = Math.ceil(this.#turns.length / this.#left);
    }
    this.#left -= 1;
    for (const userId of this.#turns.splice(-this.#perStep, this.#perStep)) {
      for (const [{ tid }, watched] of watchers.sessionsOf(userId)) add(asked, userId, tid, watched.keys());
    }
  }

  async #ask(items: readonly Question[]): Promise<void> {
    await Promise.all(
      items.map(async (item) => {
        const users = this.#opened(item);
        const answer = await this.#options.upstream.presence(item);
        this.#closed(item, users, !isRpcError(answer));
        if (!isRpcError(answer)) return this.#tell(item.uid, users, answer.users);
        this.#restUntil = this.#options.clock.monotonic() + REST_MS;
        add(this.#wanted, item.uid, item.tid, users);
      }),
    );
  }

  #opened({ uid, users }: Question): Set<string> {
    const opened = new Set(users);
    this.#open.set(uid, (this.#open.get(uid) ?? new Set()).add(opened));
    return opened;
  }

  /** Of whom this one tells, older ones tell no more: their answers may be of a state before. */
  #closed({ uid }: Question, users: Set<string>, tells: boolean): void {
    const open = this.#open.get(uid) ?? new Set();
    for (const older of open) {
      if (older === users) break;
      if (tells) for (const user of users) older.delete(user);
    }
    open.delete(users);
    if (open.size === 0) this.#open.delete(uid);
  }

  /** Whom the user does not see is told of as offline if another state was told before, else not at all. */
  #tell(uid: string, users: ReadonlySet<string>, found: readonly Found[]): void {
    const states = new Map(found.map((one) => [one[0], one]));
    for (const [watcher, watched] of this.#options.watchers.sessionsOf(uid)) {
      for (const user of inBoth(users, watched)) {
        const told = watched.get(user);
        const [, state, lastSeen] = states.get(user) ?? [user, told === undefined ? undefined : 'offline', null];
        if (state === undefined || state === told) continue;
        const frame: DownFrameOf<'presence'> = { t: 'presence', user, state, ...(lastSeen !== null && { lastSeen }) };
        // Whoever lags is told later, in turn.
        const json = Buffer.from(JSON.stringify(frame));
        if (watcher.sink.deliver(new ReadyFrame('presence', '', json))) watched.set(user, state);
      }
    }
  }
}

/** By the smaller of the two: a user watches so many in all sessions together, not in each. */
function inBoth(users: ReadonlySet<string>, watched: Watched): string[] {
  return users.size < watched.size
    ? [...users].filter((user) => watched.has(user))
    : [...watched.keys()].filter((user) => users.has(user));
}

function add(asked: Asked, userId: string, tid: string, users: Iterable<string>): void {
  const question = asked.get(userId) ?? { tid, users: new Set() };
  for (const user of users) question.users.add(user);
  asked.set(userId, question);
}

function questions(tid: string, uid: string, users: readonly string[]): Question[] {
  return Array.from({ length: Math.ceil(users.length / PRESENCE_USERS) }, (_, n) => ({
    ...{ tid, uid },
    users: users.slice(n * PRESENCE_USERS, (n + 1) * PRESENCE_USERS),
  }));
}

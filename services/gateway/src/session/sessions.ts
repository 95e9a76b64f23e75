import type { Clock } from '@messagecore/kernel';
import { type TenantEvent, type UserEvent, type UserFrameEvent } from '@messagecore/protocol/bus';
import { ReadyFrame } from '../egress/ready-frame.ts';
import type { SessionTiming } from './deps.ts';
import { RevocationLog } from './revocation-log.ts';
import type { Session } from './session.ts';
import { Watchers } from './watchers.ts';

/** Sweeps from one `heads` frame of a session to its next. */
const HEADS_EVERY = 30;
/** Sweeps over which all tokens are verified again when an event that ends sessions may just have been lost. */
const HURRIED = 5;

const NONE: ReadonlySet<Session> = new Set();

/**
 * All sessions of the gateway. One sweep a second looks after the time of all of them; what the bus says about a user
 * or a tenant finds its sessions here.
 */
export class Sessions {
  /** For those who are about to open a session. */
  readonly revocations = new RevocationLog();
  readonly watchers = new Watchers();
  readonly #clock: Clock;
  /** Sweeps over which the heartbeats are spread, and those over which the tokens are verified again. */
  readonly #slots: number;
  readonly #reverifySlots: number;
  /** Each with a number that spreads what is due to it over the sweeps. */
  readonly #all = new Map<Session, number>();
  readonly #byUser = new Map<string, Session[]>();
  readonly #byTenant = new Map<string, Set<Session>>();
  #added = 0;
  #sweeps = 0;
  /** How many sweeps are left of a hurried round. */
  #hurried = 0;

  constructor(clock: Clock, { heartbeatMs, reverifyMs }: SessionTiming) {
    this.#clock = clock;
    this.#slots = slotsOf(heartbeatMs);
    this.#reverifySlots = slotsOf(reverifyMs);
  }

  get size(): number {
    return this.#all.size;
  }

  /** Sessions whose user is known. */
  get users(): number {
    return this.#byUser.size;
  }

  get lagging(): number {
    let count = 0;
    for (const { lagging } of this.#all.keys()) if (lagging) count += 1;
    return count;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#all.keys();
  }

  /** Users who have a session, of whatever tenant. */
  *present(): Generator<{ readonly tid: string; readonly uid: string }> {
    for (const [uid, [session]] of this.#byUser) if (session !== undefined) yield { tid: session.tid, uid };
  }

  /** Sessions of one user. */
  countOf(userId: string): number {
    return this.#byUser.get(userId)?.length ?? 0;
  }

  add(session: Session): void {
    this.#all.set(session, (this.#added += 1));
  }

  /** The session's user is known now. */
  opened(session: Session): void {
    const ofTenant = this.#byTenant.get(session.tid);
    if (ofTenant === undefined) this.#byTenant.set(session.tid, new Set([session]));
    else ofTenant.add(session);
    const sessions = this.#byUser.get(session.userId);
    if (sessions === undefined) this.#byUser.set(session.userId, [session]);
    else sessions.push(session);
  }

  remove(session: Session): void {
    this.#all.delete(session);
    const others = this.#byUser.get(session.userId)?.filter((other) => other !== session);
    if (others === undefined) return;
    const ofTenant = this.#byTenant.get(session.tid);
    ofTenant?.delete(session);
    if (ofTenant?.size === 0) this.#byTenant.delete(session.tid);
    if (others.length === 0) this.#byUser.delete(session.userId);
    else this.#byUser.set(session.userId, others);
  }

  /** To be called every second. */
  sweep(): void {
    const now = this.#clock.monotonic();
    const wallNow = this.#clock.now();
    this.#sweeps += 1;
    const reverifySlots = this.#hurried > 0 ? HURRIED : this.#reverifySlots;
    this.#hurried = Math.max(0, this.#hurried - 1);
    for (const [session, place] of this.#all) {
      session.sweep(now, wallNow);
      if (session.state === 'closed') continue;
      if ((place + this.#sweeps) % this.#slots === 0) session.sink.ping();
      if ((place + this.#sweeps) % HEADS_EVERY === 0) session.tellHeads();
      if ((place + this.#sweeps) % reverifySlots === 0) void session.reverify();
    }
  }

  onUser(tid: string, userId: string, event: UserEvent): void {
    if (event.event !== 'conv') {
      this.revocations.add({ tid, uid: userId, clientId: event.event === 'revoked' ? event.clientId : undefined });
    }
    for (const session of this.#byUser.get(userId) ?? []) {
      if (session.tid !== tid) continue;
      if (event.event === 'conv') session.onConv(event.cid, event.conv, event.access);
      else if (event.event === 'deactivated') session.dispatch('deactivated');
      else if (event.clientId === undefined || event.clientId === session.clientId) session.dispatch('revoked');
    }
  }

  /** A frame in JSON, for the sessions of the user that `to` does not leave out. */
  onFrame(tid: string, userId: string, to: UserFrameEvent, json: Uint8Array): void {
    const { exceptSid, unlessJoined } = to;
    const frame = new ReadyFrame(unlessJoined === undefined ? 'event' : 'conv', unlessJoined ?? '', json);
    for (const session of this.#byUser.get(userId) ?? []) {
      if (session.tid !== tid || session.sid === exceptSid) continue;
      const hearsIt = unlessJoined !== undefined && session.joins?.get(unlessJoined)?.live === true;
      if (!hearsIt) session.sink.mustDeliver(frame);
    }
  }

  onTenant(tid: string, { event }: TenantEvent): void {
    if (event !== 'suspended') return;
    this.revocations.add({ tid });
    for (const session of this.ofTenant(tid)) session.dispatch('suspended');
  }

  hasUser(userId: string): boolean {
    return this.#byUser.has(userId);
  }

  /** Tenants that have sessions, and these. */
  get byTenant(): ReadonlyMap<string, ReadonlySet<Session>> {
    return this.#byTenant;
  }

  /** How many sessions each tenant has that has any. */
  *perTenant(): Iterable<readonly [string, number]> {
    for (const [tid, { size }] of this.#byTenant) yield [tid, size];
  }

  ofTenant(tid: string): ReadonlySet<Session> {
    return this.#byTenant.get(tid) ?? NONE;
  }

  hasTenant(tid: string): boolean {
    return this.#byTenant.has(tid);
  }

  /** Verifies every token again in the next few seconds: an event that ends sessions may have been lost just now. */
  reverifySoon(): void {
    this.#hurried = HURRIED;
  }

  /** Ends what is left, without further ado. */
  closeAll(): void {
    for (const session of [...this.#all.keys()]) session.dispatch('drained');
  }
}

function slotsOf(everyMs: number): number {
  return Math.max(1, Math.round(everyMs / 1_000));
}

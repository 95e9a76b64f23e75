import type { Clock } from '@messagecore/kernel';
import { type TenantEvent, type UserEvent } from '@messagecore/protocol';
import type { SessionTiming } from './deps.ts';
import type { Session } from './session.ts';

const SWEEPS_PER_SECOND = 1;
/** `heads` are told every other heartbeat. */
const HEADS_EVERY = 2;

/**
 * All sessions of the gateway. One sweep a second looks after the time of all of them; what the bus says about a user
 * or a tenant finds its sessions here.
 */
export class Sessions {
  readonly #clock: Clock;
  /** Sweeps over which the heartbeats are spread. */
  readonly #slots: number;
  /** Each with the sweep, modulo `#slots`, at which its heartbeat is due. */
  readonly #all = new Map<Session, number>();
  readonly #byUser = new Map<string, Session[]>();
  readonly #perTenant = new Map<string, number>();
  #added = 0;
  #sweeps = 0;

  constructor(clock: Clock, { heartbeatMs }: SessionTiming) {
    this.#clock = clock;
    this.#slots = Math.max(1, Math.round((heartbeatMs / 1_000) * SWEEPS_PER_SECOND));
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

  add(session: Session): void {
    this.#all.set(session, (this.#added += 1) % this.#slots);
  }

  /** The session's user is known now. */
  opened(session: Session): void {
    this.#perTenant.set(session.tid, (this.#perTenant.get(session.tid) ?? 0) + 1);
    const sessions = this.#byUser.get(session.userId);
    if (sessions === undefined) this.#byUser.set(session.userId, [session]);
    else sessions.push(session);
  }

  remove(session: Session): void {
    this.#all.delete(session);
    const others = this.#byUser.get(session.userId)?.filter((other) => other !== session);
    if (others === undefined) return;
    const left = (this.#perTenant.get(session.tid) ?? 1) - 1;
    if (left === 0) this.#perTenant.delete(session.tid);
    else this.#perTenant.set(session.tid, left);
    if (others.length === 0) this.#byUser.delete(session.userId);
    else this.#byUser.set(session.userId, others);
  }

  /** To be called every second. */
  sweep(): void {
    const now = this.#clock.monotonic();
    const wallNow = this.#clock.now();
    this.#sweeps += 1;
    const heads = Math.trunc(this.#sweeps / this.#slots) % HEADS_EVERY === 1;
    for (const [session, slot] of this.#all) {
      session.sweep(now, wallNow);
      if (slot !== this.#sweeps % this.#slots || session.state === 'closed') continue;
      session.sink.ping();
      if (heads) session.tellHeads();
    }
  }

  onUser(tid: string, userId: string, event: UserEvent): void {
    for (const session of this.#byUser.get(userId) ?? []) {
      if (session.tid !== tid) continue;
      if (event.event === 'conv') session.onConv(event.cid, event.conv);
      else if (event.event === 'deactivated') session.dispatch('deactivated');
      else if (event.clientId === undefined || event.clientId === session.clientId) session.dispatch('revoked');
    }
  }

  onTenant(tid: string, { event }: TenantEvent): void {
    if (event !== 'suspended') return;
    for (const session of this.#all.keys()) if (session.tid === tid) session.dispatch('suspended');
  }

  hasTenant(tid: string): boolean {
    return this.#perTenant.has(tid);
  }

  /** Verifies every token again, in case news was lost. */
  reverify(): void {
    for (const session of this.#all.keys()) void session.reverify();
  }

  /** Ends what is left, without further ado. */
  closeAll(): void {
    for (const session of [...this.#all.keys()]) session.dispatch('drained');
  }
}

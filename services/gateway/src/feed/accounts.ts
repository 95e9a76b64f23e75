import type { Bus } from '@messagecore/bus';
import type { Clock } from '@messagecore/kernel';
import type { DownFrameOf } from '@messagecore/protocol';
import {
  decodeTenantPayload,
  decodeUserPayload,
  subjects,
  type TenantEvent,
  type TenantFrameEvent,
  type UserEvent,
  type UserFrameEvent,
} from '@messagecore/protocol/bus';
import { SubjectSubscriptions } from './subject-subscriptions.ts';
import { SharedFlush } from './shared-flush.ts';

/** Which tenants and users have sessions here. */
export interface OpenSessions {
  hasTenant(tid: string): boolean;
  hasUser(uid: string): boolean;
}

/** The sessions themselves, and what they are told. */
export interface SessionsHere extends OpenSessions {
  onUser(tid: string, userId: string, event: UserEvent): void;
  /** A frame for the user's sessions, in JSON. */
  onFrame(tid: string, userId: string, to: UserFrameEvent, json: Uint8Array): void;
  onTenant(tid: string, event: TenantEvent): void;
}

export interface AccountsOptions {
  readonly bus: Pick<Bus, 'subscribe' | 'flush'>;
  readonly clock: Clock;
  readonly sessions: SessionsHere;
  /** A frame for the tenant's sessions that watch a user, in JSON. */
  readonly onWatched: (tid: string, to: TenantFrameEvent, json: Uint8Array) => void;
  /** A list of the tenant has changed: a frame for all of its sessions, in JSON. */
  readonly onListChanged: (tid: string, list: string, json: Uint8Array) => void;
  /** After the sessions: the user may have begun or ended to take part in this conversation. */
  readonly onMembership?: (tid: string, userId: string, cid: string) => void;
  /** Events about the tenant, or about this user of it, are no longer received. */
  readonly onDropped: (tid: string, uid?: string) => void;
}

/** The events by which somebody begins or ends to take part. */
const OF_MEMBERSHIP: ReadonlySet<DownFrameOf<'conv'>['event']> = new Set(['created', 'added', 'removed', 'deleted']);

/**
 * Receives events about users and tenants that have sessions here or are about to open one. Events about other users
 * are not subscribed.
 */
export class Accounts {
  readonly #tenants: SubjectSubscriptions;
  readonly #users: SubjectSubscriptions;

  constructor({ bus, clock, sessions, onWatched, onListChanged, onMembership, onDropped }: AccountsOptions) {
    const flush = new SharedFlush(bus);
    this.#tenants = new SubjectSubscriptions({
      ...{ bus, flush, clock },
      onMessage(payload, subject) {
        const { tid } = idsOf(subject);
        const { event, frame } = decodeTenantPayload(payload);
        if (event.event === 'frame') onWatched(tid, event, frame);
        else if (event.event === 'changed') onListChanged(tid, event.list, frame);
        else sessions.onTenant(tid, event);
      },
      isInUse: (subject) => sessions.hasTenant(idsOf(subject).tid),
      onDropped: (subject) => onDropped(idsOf(subject).tid),
    });
    this.#users = new SubjectSubscriptions({
      ...{ bus, flush, clock },
      onMessage(payload, subject) {
        const { tid, uid } = idsOf(subject);
        const { event, frame } = decodeUserPayload(payload);
        if (event.event === 'frame') sessions.onFrame(tid, uid, event, frame);
        else sessions.onUser(tid, uid, event);
        if (event.event === 'conv' && OF_MEMBERSHIP.has(event.conv)) onMembership?.(tid, uid, event.cid);
      },
      isInUse: (subject) => sessions.hasUser(idsOf(subject).uid),
      onDropped(subject) {
        const { tid, uid } = idsOf(subject);
        onDropped(tid, uid);
      },
    });
  }

  /** Users and tenants that are listened to. */
  get size(): number {
    return this.#users.size + this.#tenants.size;
  }

  /** True when no event about the user and the tenant since that time (of the monotonic clock) was missed. */
  completeSince(tid: string, uid: string, time: number): boolean {
    return (
      this.#tenants.completeSince(subjects.tenant(tid), time) &&
      this.#users.completeSince(subjects.user(tid, uid), time)
    );
  }

  /**
   * Settles when user and tenant are listened to, until `release` at least; a session that is open by then keeps it so.
   * Rejects with a ChatError when the bus is not there, and holds nothing then.
   */
  async acquire(tid: string, uid: string): Promise<void> {
    const [tenant, user] = [subjects.tenant(tid), subjects.user(tid, uid)];
    const [tenants, users] = [this.#tenants, this.#users];
    const results = await Promise.allSettled([tenants.acquire(tenant), users.acquire(user)]);
    const failure = results.find((result) => result.status === 'rejected');
    if (failure === undefined) return;
    if (results[0].status === 'fulfilled') tenants.release(tenant);
    if (results[1].status === 'fulfilled') users.release(user);
    throw failure.reason;
  }

  release(tid: string, uid: string): void {
    this.#tenants.release(subjects.tenant(tid));
    this.#users.release(subjects.user(tid, uid));
  }

  /** A session of the user has ended. */
  ended(tid: string, uid: string, present: OpenSessions): void {
    if (!present.hasTenant(tid)) this.#tenants.idle(subjects.tenant(tid));
    if (!present.hasUser(uid)) this.#users.idle(subjects.user(tid, uid));
  }

  /** Stops listening to whom nobody has needed for a while. To be called every second or so. */
  sweep(): void {
    this.#tenants.sweep();
    this.#users.sweep();
  }
}

/** `tenant.<tid>` or `user.<tid>.<uid>`. */
function idsOf(subject: string): { tid: string; uid: string } {
  const [, tid = '', uid = ''] = subject.split('.');
  return { tid, uid };
}

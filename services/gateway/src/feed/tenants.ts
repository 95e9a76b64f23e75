import type { Bus, Subscription } from '@messagecore/bus';
import type { Clock } from '@messagecore/kernel';
import { subjects, TenantEvent, UserEvent } from '@messagecore/protocol';

/** Every user of a tenant: one subscription a tenant is cheaper than one a user, and users' events are few. */
const ANY_USER = '*';

export interface TenantsOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly onUser: (tid: string, userId: string, event: UserEvent) => void;
  readonly onTenant: (tid: string, event: TenantEvent) => void;
  /** From now on nothing that is said about the tenant is heard. */
  readonly onDropped: (tid: string) => void;
}

interface Heard {
  readonly subscriptions: readonly Subscription[];
  readonly ready: Promise<void>;
  /** Since when nothing is missed; undefined until the bus has the subscriptions. */
  since: number | undefined;
}

/** Listens to what the bus says about users and tenants that have sessions here. */
export class Tenants {
  readonly #options: TenantsOptions;
  readonly #heard = new Map<string, Heard>();

  constructor(options: TenantsOptions) {
    this.#options = options;
  }

  /** True when everything said about the tenant since that time (of the monotonic clock) has been heard. */
  heardSince(tid: string, time: number): boolean {
    const since = this.#heard.get(tid)?.since;
    return since !== undefined && since <= time;
  }

  /** Settles when the tenant is listened to. Rejects with a ChatError when the bus is not there. */
  async listen(tid: string): Promise<void> {
    const heard = this.#heard.get(tid) ?? this.#subscribe(tid);
    try {
      await heard.ready;
    } catch (error) {
      this.#drop(tid, heard);
      throw error;
    }
  }

  /** Stops listening to tenants that have no sessions. */
  sweep(hasSessions: (tid: string) => boolean): void {
    for (const [tid, heard] of this.#heard) {
      if (heard.since !== undefined && !hasSessions(tid)) this.#drop(tid, heard);
    }
  }

  #subscribe(tid: string): Heard {
    const { bus, clock, onUser, onTenant } = this.#options;
    const users = bus.subscribe(subjects.user(tid, ANY_USER), (payload, subject) => {
      onUser(tid, subject.slice(subject.lastIndexOf('.') + 1), UserEvent.parse(parse(payload)));
    });
    const tenant = bus.subscribe(subjects.tenant(tid), (payload) => onTenant(tid, TenantEvent.parse(parse(payload))));
    const heard: Heard = {
      subscriptions: [users, tenant],
      ready: bus.flush().then(() => void (heard.since = clock.monotonic())),
      since: undefined,
    };
    this.#heard.set(tid, heard);
    return heard;
  }

  #drop(tid: string, heard: Heard): void {
    if (this.#heard.get(tid) !== heard) return;
    this.#heard.delete(tid);
    for (const subscription of heard.subscriptions) subscription.unsubscribe();
    this.#options.onDropped(tid);
  }
}

function parse(payload: Uint8Array): unknown {
  return JSON.parse(decoder.decode(payload));
}

const decoder = new TextDecoder();

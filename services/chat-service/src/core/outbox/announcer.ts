/**
 * Publishes what was just committed to the gateways. Everything here may be lost when the bus is down: gateways notice
 * a changed `access` by their head check, and users see their conversations when they list them.
 */
import type { Bus } from '@messagecore/bus';
import { type ConvEvent, type ReadEvent, subjects, type TenantEvent, type UserEvent } from '@messagecore/protocol/bus';

export type Announcement = Omit<ConvEvent, 'v'>;

export interface Announcer {
  conversation(event: Announcement): void;
  read(event: Omit<ReadEvent, 'v'> & { readonly tid: string }): void;
  user(tid: string, uid: string, event: UserEvent): void;
  tenant(tid: string, event: TenantEvent['event']): void;
}

/** `captured` is the connection for what a stream captures. */
export function createAnnouncer(bus: Pick<Bus, 'publish'>, captured = bus): Announcer {
  return {
    conversation: (event) =>
      captured.publish(subjects.conversation(event.tid, event.cid, 'event'), JSON.stringify({ v: 1, ...event })),
    read: ({ tid, ...event }) =>
      bus.publish(subjects.conversation(tid, event.cid, 'read'), JSON.stringify({ v: 1, ...event })),
    user: (tid, uid, event) => bus.publish(subjects.user(tid, uid), JSON.stringify(event)),
    tenant: (tid, event) => bus.publish(subjects.tenant(tid), JSON.stringify({ v: 1, event } satisfies TenantEvent)),
  };
}

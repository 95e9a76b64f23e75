/** What is published without the outbox because it may be lost: what comes next says it again, or nobody misses it. */
import type { Bus } from '@messagecore/bus';
import { type InboxEvent, type ReadEvent, subjects } from '@messagecore/protocol/bus';

export interface Signals {
  read(event: Omit<ReadEvent, 'v'> & { readonly tid: string }): void;
  /** Conversations of a tenant with new messages, and their heads. */
  inbox(tid: string, conversations: InboxEvent['conversations']): void;
}

export function createSignals(bus: Pick<Bus, 'publish'>): Signals {
  return {
    read: ({ tid, ...event }) =>
      void bus.publish(subjects.conversation(tid, event.cid, 'read'), JSON.stringify({ v: 1, ...event })),
    inbox: (tid, conversations) => void bus.publish(subjects.inbox(tid), JSON.stringify({ v: 1, conversations })),
  };
}

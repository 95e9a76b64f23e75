/** What is published without the outbox because it may be lost: what comes next says it again, or nobody misses it. */
import type { Bus } from '@messagecore/bus';
import { type ReadEvent, subjects } from '@messagecore/protocol/bus';

export interface Signals {
  read(event: Omit<ReadEvent, 'v'> & { readonly tid: string }): void;
}

export function createSignals(bus: Pick<Bus, 'publish'>): Signals {
  return {
    read: ({ tid, ...event }) =>
      void bus.publish(subjects.conversation(tid, event.cid, 'read'), JSON.stringify({ v: 1, ...event })),
  };
}

/** What is published without the outbox because it may be lost: what comes next says it again, or nobody misses it. */
import type { Bus } from '@messagecore/bus';
import {
  type InboxEvent,
  PRESENCE_USERS,
  type PresenceEvent,
  type ReadEvent,
  subjects,
} from '@messagecore/protocol/bus';

export interface Signals {
  /** How far users have read in one conversation. */
  read(tid: string, cid: string, positions: readonly Pick<ReadEvent, 'userId' | 'pos'>[]): void;
  /** Conversations of a tenant with new messages, and their heads. */
  inbox(tid: string, conversations: InboxEvent['conversations']): void;
  /** Conversations of which sessions are told anew: something else is new in them than was, at these messages or before. */
  inboxAgain(tid: string, again: InboxEvent['conversations']): void;
  /** Others may see something else of these users than before. */
  presence(tid: string, users: readonly string[]): void;
}

export function createSignals(bus: Pick<Bus, 'publish'>): Signals {
  return {
    read(tid, cid, [first, ...more]) {
      if (first === undefined) return;
      const event = { v: 1, cid, ...first, ...(more.length > 0 && { more }) } satisfies ReadEvent;
      bus.publish(subjects.conversation(tid, cid, 'read'), JSON.stringify(event));
    },
    inbox: (tid, conversations) => void bus.publish(subjects.inbox(tid), JSON.stringify({ v: 1, conversations })),
    inboxAgain(tid, again) {
      const event = { v: 1, conversations: [], again } satisfies InboxEvent;
      bus.publish(subjects.inbox(tid), JSON.stringify(event));
    },
    presence(tid, users) {
      for (let start = 0; start < users.length; start += PRESENCE_USERS) {
        const event = { v: 1, users: users.slice(start, start + PRESENCE_USERS) } satisfies PresenceEvent;
        bus.publish(subjects.presence(tid), JSON.stringify(event));
      }
    },
  };
}

import type { MessageOperation, Operation, SendOperation } from '@messagecore/testkit';
import type { Client } from './workload/client.ts';

/** What one run cost and showed, in numbers. Times in milliseconds. */
export interface Figures {
  readonly sends: number;
  readonly acknowledged: number;
  /** Neither acknowledged nor refused when the run ended. */
  readonly unknown: number;
  readonly deliveries: number;
  /** The longest time without a message that a client saw which never cut its own connection. */
  readonly longestPauseMs: number;
  /** The longest time from a send of such a client to its acknowledgement, repeats included; runs of before have none. */
  readonly longestSendMs?: number;
  /** From the end of the fault until a message sent after it had come to every client in every room. */
  readonly recoveredMs: number;
}

export interface Moments {
  readonly startedAt: number;
  readonly healedAt: number;
}

export function figuresOf(operations: readonly Operation[], clients: readonly Client[], moments: Moments): Figures {
  const sends = operations.filter((operation) => operation.type === 'send');
  const messages = operations.filter((operation) => operation.type === 'message');
  const outcomes = (outcome: SendOperation['outcome']) => sends.filter((send) => send.outcome === outcome).length;
  const byClient = Map.groupBy(messages, ({ session }) => ownerOf(session));
  const names = clients.filter((client) => client.steady).map(({ name }) => name);
  const steady = names.map((name) => byClient.get(name) ?? []);
  const answered = sends.filter((send) => send.outcome === 'acknowledged' && names.includes(ownerOf(send.session)));
  return {
    sends: sends.length,
    acknowledged: outcomes('acknowledged'),
    unknown: outcomes('unknown'),
    deliveries: messages.length,
    longestPauseMs: Math.max(0, ...steady.map((received) => longestPause(received, moments.startedAt))),
    longestSendMs: answered.reduce((longest, send) => Math.max(longest, send.endedAt - send.invokedAt), 0),
    recoveredMs: recovered(sends, byClient, moments.healedAt),
  };
}

const ownerOf = (session: string): string => session.split('#')[0] ?? session;

function longestPause(received: readonly MessageOperation[], startedAt: number): number {
  let longest = 0;
  let last = startedAt;
  for (const { at } of received) {
    longest = Math.max(longest, at - last);
    last = at;
  }
  return longest;
}

function recovered(
  sends: readonly SendOperation[],
  byClient: ReadonlyMap<string, readonly MessageOperation[]>,
  healedAt: number,
): number {
  const fresh = new Set(sends.filter(({ invokedAt }) => invokedAt >= healedAt).map(({ mid }) => mid));
  let last = healedAt;
  for (const received of byClient.values()) {
    for (const inRoom of Map.groupBy(received, ({ cid }) => cid).values()) {
      const first = inRoom.find(({ mid }) => fresh.has(mid));
      last = Math.max(last, first?.at ?? last);
    }
  }
  return last - healedAt;
}

/** Publishes one event of the outbox, and knows whether the bus has it. */
import { type Bus, BusError, type Publisher } from '@messagecore/bus';
import { subjects } from '@messagecore/protocol/bus';
import type { OutboxEvent } from '../outbox/events.ts';

/** Users told without a pause: well below a millisecond. */
const CHUNK = 100;

export interface StoredEvent extends OutboxEvent {
  readonly id: number;
}

/**
 * Settles when the bus has the event: acknowledged by the stream, which captures events of conversations, or read by the
 * server, which keeps none of the others: a gateway that is away then makes up for them (SIG-3, REVK-4).
 *
 * @throws when that is not certain. It may have been delivered.
 */
export type SendEvent = (event: StoredEvent) => Promise<void>;

export interface SendEventDeps {
  readonly bus: Pick<Bus, 'publish' | 'flush' | 'onStatus'>;
  /** Into the stream. */
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Whether those who listen are back after the bus was away. */
  readonly areReceiversBack?: () => boolean;
  /** Runs a function when others have had their turn. */
  readonly defer?: (fn: () => void) => void;
}

export function createSendEvent(deps: SendEventDeps): SendEvent {
  const { bus, publisher, areReceiversBack = () => true, defer = setImmediate } = deps;
  let breaks = 0;
  bus.onStatus((status) => {
    if (status === 'disconnected') breaks += 1;
  });

  async function publishAll(given: readonly string[], payload: string): Promise<void> {
    if (!areReceiversBack()) throw new BusError('disconnected', given[0] ?? '');
    const before = breaks;
    for (const [n, subject] of given.entries()) {
      if (n > 0 && n % CHUNK === 0) await new Promise<void>((resolve) => defer(resolve));
      // Too much unsent: once the server has read it there is room again.
      if (!bus.publish(subject, payload)) {
        await bus.flush();
        if (!bus.publish(subject, payload)) throw new BusError('busy', subject);
      }
    }
    await bus.flush();
    if (breaks !== before) throw new BusError('disconnected', given[0] ?? '');
  }

  return async ({ id, topic, tid, about, users = [], payload }) => {
    if (topic === 'conversation') {
      await publisher.publish(subjects.conversation(tid, about, 'event'), payload, `event:${id}`);
    } else if (topic === 'tenant') {
      await publishAll([subjects.tenant(tid)], payload);
    } else {
      await publishAll(
        users.map((uid) => subjects.user(tid, uid)),
        payload,
      );
    }
  };
}

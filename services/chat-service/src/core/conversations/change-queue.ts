/**
 * Queues changes of conversations. Changes of one conversation run one at a time, so that they take one connection
 * however many wait; tenants, conversations and users take turns. The queue is bounded: it is a `Batcher` with batches
 * of one.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Bounded } from '@messagecore/runtime';
import { ANSWER_WITHIN_MS } from '../../platform/rate-limits/deadline.ts';
import { MANAGE_CONNECTIONS } from '../../platform/database/connect.ts';
import { Batcher } from '../../platform/batching/batcher.ts';

export interface QueuedChange {
  readonly tid: string;
  /** The conversation, or what else it is that only one at a time may change. */
  readonly of: string;
  /** Undefined for a tenant's back end. */
  readonly uid: string | undefined;
}

/** Runs `work` when its turn comes; not at all when the caller has stopped waiting by then (IDM-8). */
export type ChangeQueue = <T>(turn: QueuedChange, work: () => Promise<T>) => Promise<T>;

export interface ChangeQueueOptions {
  readonly clock?: Pick<Clock, 'monotonic'>;
  /** Told of the queue, so that it can be watched. */
  readonly onQueue?: (queue: Bounded) => void;
}

interface Item extends QueuedChange {
  readonly until: number;
  readonly work: () => Promise<void>;
}

const BOUNDS = {
  maxInFlight: MANAGE_CONNECTIONS,
  maxItems: 1,
  maxBytes: Infinity,
  minShare: 1,
  maxPending: 2_048,
  maxPendingBytes: Infinity,
  shares: [
    { of: ({ tid }: Item) => tid, part: 1 },
    { of: ({ tid, uid = tid }: Item) => uid, part: 1 / 4 },
  ],
};

export function createChangeQueue({ clock = systemClock, onQueue }: ChangeQueueOptions = {}): ChangeQueue {
  const batcher = new Batcher<Item, true>({
    ...BOUNDS,
    run: async ([item]) => {
      if (item !== undefined && clock.monotonic() > item.until) {
        return [new ChatError('unavailable', 'waited too long to be carried out')];
      }
      await item?.work();
      return [true];
    },
    keyOf: ({ tid, of }) => tid + of,
    laneOf: ({ uid }) => uid ?? '',
    ownerOf: ({ tid }) => tid,
    identityOf: () => undefined,
    staysInLane: () => true,
    bytesOf: () => 0,
    defer: setImmediate,
  });
  onQueue?.(batcher.queue);
  return async <T>(turn: QueuedChange, work: () => Promise<T>): Promise<T> => {
    let settled: Promise<T> | undefined;
    const until = clock.monotonic() + ANSWER_WITHIN_MS;
    await batcher.add({
      ...turn,
      until,
      // An error of `work` rejects this caller only and does not fail the batch.
      work: async () => {
        settled = work();
        await settled.catch(() => {});
      },
    });
    if (settled === undefined) throw new ChatError('internal', 'no turn');
    return settled;
  };
}

import { type Clock, gcra, systemClock } from '@messagecore/kernel';
import type { Bucket, Buckets, Demand, Taken } from './buckets.ts';

const MAX_KEYS = 100_000;

export interface MemoryBucketsOptions {
  readonly clock?: Pick<Clock, 'monotonic'>;
  readonly maxKeys?: number;
}

export interface MemoryBuckets extends Buckets {
  /** Takes when this part of each burst is still there afterwards; undefined when it is not. */
  takeLeaving(part: number, demand: Demand): Taken | undefined;
  /** Takes without asking what is there. */
  spend(demand: Demand): void;
  /** From now on the bucket is full in `ms` milliseconds, whatever was taken from it here. */
  set(key: string, ms: number): void;
}

/**
 * Buckets in this process's memory. At `maxKeys` full buckets are dropped, and if that is not enough the oldest ones. A
 * dropped bucket counts as full again, so the bound makes limits less strict and never refuses wrongly.
 */
export function createMemoryBuckets({
  clock = systemClock,
  maxKeys = MAX_KEYS,
}: MemoryBucketsOptions = {}): MemoryBuckets {
  const fullAt = new Map<string, number>();
  const at = (key: string) => fullAt.get(key) ?? 0;

  function makeRoom(now: number): void {
    for (const [key, when] of fullAt) if (when <= now) fullAt.delete(key);
    for (const key of fullAt.keys()) {
      if (fullAt.size < maxKeys) return;
      fullAt.delete(key);
    }
  }

  function put(key: string, when: number, now: number): void {
    if (fullAt.size >= maxKeys && !fullAt.has(key)) makeRoom(now);
    fullAt.set(key, when);
  }

  function spend(demand: Demand, now: number): void {
    for (const { key, rate, cost } of demand) put(key, gcra.spend(at(key), now, rate, cost), now);
  }

  function take(demand: Demand): Taken {
    const now = clock.monotonic();
    const waits = demand.map(({ key, rate, cost }) => gcra.wait(at(key), now, rate, cost));
    const waitMs = Math.ceil(Math.max(0, ...waits));
    if (waitMs === 0) spend(demand, now);
    return { waitMs, left: leftOf(demand, now) };
  }

  function leftOf(demand: Demand, now: number): number {
    let left = Infinity;
    for (const { key, rate } of demand) left = Math.min(left, gcra.left(at(key), now, rate));
    return left;
  }

  return {
    take: async (demands) => demands.map(take),
    takeLeaving(part, demand) {
      const now = clock.monotonic();
      const isThere = ({ key, rate, cost = 1 }: Bucket) =>
        gcra.left(at(key), now, rate) - cost >= Math.ceil(rate.burst * part);
      if (!demand.every(isThere)) return undefined;
      spend(demand, now);
      return { waitMs: 0, left: leftOf(demand, now) };
    },
    spend: (demand) => spend(demand, clock.monotonic()),
    async giveBack(buckets) {
      for (const { key, rate, cost } of buckets) {
        const when = fullAt.get(key);
        if (when !== undefined) fullAt.set(key, gcra.refund(when, rate, cost));
      }
    },
    set(key, ms) {
      const now = clock.monotonic();
      if (ms > 0) put(key, now + ms, now);
      else fullAt.delete(key);
    },
  };
}

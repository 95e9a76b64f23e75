import { type Clock, gcra, systemClock } from '@messagecore/kernel';
import type { Buckets, Demand } from './buckets.ts';

const MAX_KEYS = 100_000;

/**
 * Buckets in this process's memory, used while Redis is unavailable. At `maxKeys` full buckets are dropped, and if that
 * is not enough the oldest ones. A dropped bucket counts as full again, so the bound makes limits less strict and never
 * refuses wrongly.
 */
export function createMemoryBuckets(clock: Clock = systemClock, maxKeys = MAX_KEYS): Buckets {
  const fullAt = new Map<string, number>();

  function makeRoom(now: number): void {
    for (const [key, at] of fullAt) if (at <= now) fullAt.delete(key);
    for (const key of fullAt.keys()) {
      if (fullAt.size < maxKeys) return;
      fullAt.delete(key);
    }
  }

  function spend(demand: Demand, now: number): void {
    for (const { key, rate, cost } of demand) {
      if (fullAt.size >= maxKeys && !fullAt.has(key)) makeRoom(now);
      fullAt.set(key, gcra.spend(fullAt.get(key) ?? 0, now, rate, cost));
    }
  }

  return {
    take: async (demands) =>
      demands.map((demand) => {
        const now = clock.monotonic();
        const waits = demand.map(({ key, rate, cost }) => gcra.wait(fullAt.get(key) ?? 0, now, rate, cost));
        const waitMs = Math.ceil(Math.max(0, ...waits));
        if (waitMs === 0) spend(demand, now);
        return { waitMs, left: Math.min(...demand.map(({ key, rate }) => gcra.left(fullAt.get(key) ?? 0, now, rate))) };
      }),
    async giveBack(buckets) {
      for (const { key, rate, cost } of buckets) {
        const at = fullAt.get(key);
        if (at !== undefined) fullAt.set(key, gcra.refund(at, rate, cost));
      }
    },
  };
}

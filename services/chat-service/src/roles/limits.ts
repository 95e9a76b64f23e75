import { createLimits, type Limits } from '../platform/rate-limits/limits.ts';
import type { RedisClient } from '../platform/redis/redis.ts';
import { createSharedBuckets } from '../platform/rate-limits/shared-buckets.ts';
import type { Base } from './base.ts';

/** Rates that all processes share. */
export function openLimits({ live, log, metrics, life }: Base, redis: RedisClient): Limits {
  const { exact, synced } = createSharedBuckets(redis, metrics, log);
  life.add({ name: 'rates of users and rooms', stop: () => synced.stop() });
  return createLimits(exact, live.rates, { synced, metrics });
}

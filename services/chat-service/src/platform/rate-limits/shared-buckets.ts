import type { Logger, Metrics } from '@messagecore/runtime';
import type { Buckets } from './buckets.ts';
import { createMemoryBuckets } from './memory-buckets.ts';
import type { RedisClient } from '../redis/redis.ts';
import { createRedisBuckets } from './redis-buckets.ts';
import { createRedisTally } from './redis-tally.ts';
import { createResilientBuckets } from './resilient-buckets.ts';
import { createSyncedBuckets, type SyncedBuckets } from './synced-buckets.ts';

export interface SharedBuckets {
  /** Redis decides on each demand. */
  readonly exact: Buckets;
  /** This process decides as long as half of a burst is left: for what should not wait. */
  readonly synced: SyncedBuckets;
}

/** Buckets in Redis, the same for both; while it is away, each process counts for itself. */
export function createSharedBuckets(redis: RedisClient, metrics: Metrics, log: Logger): SharedBuckets {
  const commands = metrics.counter('redis_commands_total', 'Commands sent to Redis', ['result']);
  function onResult(err?: unknown): void {
    commands.inc({ result: err === undefined ? 'ok' : 'failed' });
    if (err !== undefined) log.warn({ err }, 'rate limits are counted by this process alone');
  }
  const shared = createRedisBuckets(redis);
  return {
    exact: createResilientBuckets({ shared, local: createMemoryBuckets(), onResult }),
    synced: createSyncedBuckets({ tally: createRedisTally(redis), shared, onResult }),
  };
}

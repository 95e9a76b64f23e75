import type { Logger, Metrics } from '@messagecore/runtime';
import type { Redis } from 'ioredis';
import type { Buckets } from './buckets.ts';
import { createMemoryBuckets } from './memory-buckets.ts';
import { createRedisBuckets } from './redis-buckets.ts';
import { createResilientBuckets } from './resilient-buckets.ts';

/** Buckets in Redis; while it is away, each process counts for itself. */
export function createSharedBuckets(redis: Redis, metrics: Metrics, log: Logger): Buckets {
  const commands = metrics.counter('redis_commands_total', 'Commands sent to Redis', ['result']);
  return createResilientBuckets({
    shared: createRedisBuckets(redis),
    local: createMemoryBuckets(),
    onResult(err) {
      commands.inc({ result: err === undefined ? 'ok' : 'failed' });
      if (err !== undefined) log.warn({ err }, 'rate limits are counted by this process alone');
    },
  });
}

import { Redis } from 'ioredis';

/** Longest that a rate-limit question may take; then the process's own buckets answer. */
const COMMAND_TIMEOUT_MS = 100;
const RECONNECT_MS = { min: 50, max: 1_000 };

/**
 * A client that fails fast: commands are refused at once while there is no connection, and it reconnects for ever.
 * Nothing here connects: call `connect()` and do not mind its failure.
 */
export function createRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(RECONNECT_MS.max, RECONNECT_MS.min * 2 ** Math.min(attempt, 10)),
  });
  redis.on('error', onError);
  return redis;
}

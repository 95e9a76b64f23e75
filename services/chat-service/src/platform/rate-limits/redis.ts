import { Redis } from 'ioredis';

/** Longest that a rate-limit question may take; then the process's own buckets answer. */
const COMMAND_TIMEOUT_MS = 100;
const RECONNECT_MS = { min: 50, max: 1_000 };

/** Errors of a server that answers but takes no writes: a replica, one that is loading, or one without its cluster. */
const NOT_WRITABLE = /\b(?:READONLY|MASTERDOWN|LOADING|NOREPLICAS|CLUSTERDOWN)\b/;

/**
 * A client that fails fast: commands are refused at once while there is no connection, and it reconnects for ever, to the
 * next of several servers each time, also when a server says that it takes no writes. Nothing here connects: call
 * `connect()` and do not mind its failure.
 *
 * @param urls One address, or several with commas between them of which one takes writes.
 */
export function createRedis(
  urls: string,
  onError: (error: Error) => void,
  commandTimeoutMs = COMMAND_TIMEOUT_MS,
): Redis {
  const [first = '', ...more] = urls.split(',').map((url) => url.trim());
  const servers = [first, ...more].map((url) => new Redis(url, { lazyConnect: true }).options);
  let current = 0;
  const redis = new Redis(first, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    reconnectOnError: ({ message }) => NOT_WRITABLE.test(message),
    retryStrategy(attempt) {
      current = (current + 1) % servers.length;
      const { host, port, path, username, password, db, tls } = servers[current] ?? {};
      Object.assign(redis.options, { host, port, path, username, password, db, tls });
      return Math.min(RECONNECT_MS.max, RECONNECT_MS.min * 2 ** Math.min(attempt, 10));
    },
  });
  redis.on('error', onError);
  return redis;
}

/** Resolves when Redis takes writes. @throws what it says when it does not. */
export async function checkRedis(redis: Redis): Promise<void> {
  await redis.set('messagecore:health', 1, 'PX', 1_000);
}

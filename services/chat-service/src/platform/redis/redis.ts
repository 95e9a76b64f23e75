import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** One server, or a Redis Cluster, where the keys of one command must be in one slot: see slots.ts. */
export type RedisClient = Redis | Cluster;

export interface RedisAddress {
  /** One address, or several with commas between them: of servers of which one takes writes, or of nodes of a cluster. */
  readonly urls: string;
  /** It is a Redis Cluster. */
  readonly cluster?: boolean;
  /** Longest that a command may take; 100 when left out. */
  readonly commandTimeoutMs?: number;
}

/** Longest that a rate-limit question may take; then the process's own buckets answer. */
const COMMAND_TIMEOUT_MS = 100;
const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that owes an answer for so long is dead: the server is gone, or the network has dropped it. */
const SILENCE_MS = 5_000;
const RECONNECT_MS = { min: 50, max: 1_000 };
/** How often the nodes of a cluster are asked who has what; also asked when one of them says that it has not. */
const SLOTS_EVERY_MS = 5_000;

/** Errors of a server that answers but takes no writes: a replica, one that is loading, or one without its cluster. */
const NOT_WRITABLE = /\b(?:READONLY|MASTERDOWN|LOADING|NOREPLICAS|CLUSTERDOWN)\b/;

/**
 * A client that fails fast: commands are refused at once while there is no connection, and it reconnects for ever, to the
 * next of several servers each time, also when a server says that it takes no writes or says nothing any more. Nothing here
 * connects: call `connect()` and do not mind its failure.
 */
export function createRedis(address: RedisAddress, onError: (error: Error) => void): RedisClient {
  const redis = address.cluster === true ? clusterAt(address) : serverAt(address);
  redis.on('error', onError);
  return redis;
}

function serverAt({ urls, commandTimeoutMs }: RedisAddress): Redis {
  const servers = serversOf(urls);
  let current = 0;
  const redis: Redis = new Redis({
    ...servers[0],
    ...optionsFor(commandTimeoutMs),
    lazyConnect: true,
    reconnectOnError: ({ message }: Error) => NOT_WRITABLE.test(message),
    retryStrategy(attempt: number) {
      current = (current + 1) % servers.length;
      Object.assign(redis.options, servers[current]);
      return reconnectWaitMs(attempt);
    },
  });
  return redis;
}

function clusterAt({ urls, commandTimeoutMs }: RedisAddress): Cluster {
  const nodes = serversOf(urls);
  const { username, password, tls } = nodes[0] ?? {};
  return new Cluster(
    nodes.map(({ host, port }) => ({ ...(host !== undefined && { host }), ...(port !== undefined && { port }) })),
    {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: reconnectWaitMs,
      slotsRefreshInterval: SLOTS_EVERY_MS,
      slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
      redisOptions: {
        ...optionsFor(commandTimeoutMs),
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(tls !== undefined && { tls }),
      },
    },
  );
}

const serversOf = (urls: string) =>
  urls.split(',').map((url) => addressOf(new Redis(url.trim(), { lazyConnect: true }).options));

/** The client library's own reading of a URL, and nothing of its other options. */
function addressOf({ host, port, path, username, password, db, tls }: RedisOptions) {
  return { host, port, path, username, password, db, tls };
}

const optionsFor = (commandTimeoutMs = COMMAND_TIMEOUT_MS) => ({
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: commandTimeoutMs,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SILENCE_MS,
});

const reconnectWaitMs = (attempt: number): number =>
  Math.min(RECONNECT_MS.max, RECONNECT_MS.min * 2 ** Math.min(attempt, 10));

/** Resolves when Redis takes writes. @throws what it says when it does not. */
export async function checkRedis(redis: RedisClient): Promise<void> {
  await redis.set('messagecore:health', 1, 'PX', 1_000);
}

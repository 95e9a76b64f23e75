/** The servers behind the service: how each is reached, waited for, let go of, and asked how it is. */
import { type Bus, connectBus, warningOf } from '@messagecore/bus';
import { createHealth, type Health, type Lifecycle, type Logger } from '@messagecore/runtime';
import type { ChatServiceConfig } from '../config.ts';
import type { App } from '../platform/http/app-type.ts';
import { checkRedis, createRedis, type RedisClient } from '../platform/redis/redis.ts';
import type { StreamHealth } from '../core/relay/stream-health.ts';
import { checkSession } from '../platform/database/check-session.ts';
import { openStore, type Sql, type Store } from '../platform/database/connect.ts';
import { BACKGROUND_CONNECTIONS } from './connection-counts.ts';
import { waitForSchema } from '../platform/database/wait-for-schema.ts';
import { checkWritable } from '../platform/database/writable.ts';

/**
 * @throws when the database does not answer for 30 s, and at once when its schema is too old or a pooler takes away what
 * sessions ask for.
 */
export async function openDatabase(config: ChatServiceConfig, log: Logger, life: Lifecycle): Promise<Store> {
  const { databaseUrl: url, databasePoolSize: poolSize, databasePooled: pooled } = config;
  const store = openStore({
    url,
    ...(poolSize !== undefined && { poolSize }),
    ...(pooled !== undefined && { pooled }),
  });
  life.add({ name: 'database', stop: () => store.close(), stopTimeoutMs: 6_000 });
  await waitForSchema(store.sql, (err) => log.warn({ err }, 'waiting for the database'));
  const weak = await checkSession(store);
  if (weak.length > 0) log.warn({ settings: weak }, 'what is acknowledged may be lost when PostgreSQL crashes');
  return store;
}

/** Connections of consumers, jobs and sagas alone: what they do never takes those of requests. Opened when needed. */
export function openBackground(config: ChatServiceConfig, life: Lifecycle): Sql {
  const { databaseUrl: url, databasePooled: pooled = false } = config;
  const poolSize = BACKGROUND_CONNECTIONS;
  const store = openStore({ url, pooled, poolSize, applicationName: 'chat-service background' });
  life.add({ name: 'background database', stop: () => store.close(), stopTimeoutMs: 6_000 });
  return store.sql;
}

type RedisConfig = Pick<ChatServiceConfig, 'redisUrl' | 'redisCluster' | 'redisTimeoutMs'>;

/** Without Redis the service works just as well; it is found whenever it comes. */
export async function openRedis(
  { redisUrl: urls, redisCluster: cluster = false, redisTimeoutMs }: RedisConfig,
  log: Logger,
  life: Lifecycle,
): Promise<RedisClient> {
  const timeout = redisTimeoutMs === undefined ? {} : { commandTimeoutMs: redisTimeoutMs };
  const redis = createRedis({ urls, cluster, ...timeout }, (err) => log.warn({ err }, 'redis'));
  life.add({ name: 'redis', stop: () => redis.disconnect() });
  await redis.connect().catch(() => {});
  return redis;
}

/** Longest that Redis may take for what nobody waits for. */
const PATIENT_MS = 1_000;

/** A connection for who is there alone: rates, for which sends wait, never stand behind a thousand users. */
export function openPresenceRedis(config: RedisConfig, log: Logger, life: Lifecycle): Promise<RedisClient> {
  return openRedis({ ...config, redisTimeoutMs: config.redisTimeoutMs ?? PATIENT_MS }, log, life);
}

export interface Buses {
  /** Requests of gateways and their answers, and what no stream captures. */
  readonly bus: Bus;
  /** Everything that a stream captures: when JetStream stalls, the server may read nothing more from this connection. */
  readonly captured: Bus;
}

/** @throws BusError when there is no connection within 30 s. */
export async function openBuses(url: string, log: Logger, life: Lifecycle): Promise<Buses> {
  const bus = await connectBus({ url, name: 'chat-service', log });
  life.add({ name: 'bus', stop: () => bus.drain() });
  const captured = await connectBus({ url, name: 'chat-service publications', log });
  life.add({ name: 'publications', stop: () => captured.drain() });
  return { bus, captured };
}

export interface HealthDeps extends Buses {
  readonly store: Store;
  readonly redis: RedisClient;
  /** Undefined in a process that publishes nothing. */
  readonly stream: Pick<StreamHealth, 'problem' | 'warnings'> | undefined;
}

export function healthOf({ store, bus, captured, redis, stream }: HealthDeps): Health {
  return createHealth({
    checks: {
      database: () => checkWritable(store),
      bus: () => bus.rtt(),
      publications: () => captured.rtt(),
      stream: async () => {
        if (stream?.problem !== undefined) throw new Error(stream.problem);
      },
      redis: () => checkRedis(redis),
    },
    warnings: () => {
      const version = warningOf(bus.serverVersion);
      return [...(version === undefined ? [] : [version]), ...(stream?.warnings ?? [])];
    },
  });
}

/** Where a server that listens is reached from this machine. */
export function urlOf(app: App, host: string): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}

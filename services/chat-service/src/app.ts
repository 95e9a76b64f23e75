/** The composition root: what the service is made of, in the order in which it starts; it stops in reverse. */
import { type Bus, connectBus } from '@messagecore/bus';
import { createUlid } from '@messagecore/kernel';
import { ChatError, encodeBatch, subjects } from '@messagecore/protocol';
import {
  createHealth,
  createLogger,
  createMetrics,
  Lifecycle,
  type Logger,
  type Metrics,
  opsRoutes,
} from '@messagecore/runtime';
import type { Redis } from 'ioredis';
import type { ChatServiceConfig } from './config.ts';
import type { App } from './http/app-type.ts';
import { addRoutes } from './http/routes.ts';
import { createHttpServer } from './http/server.ts';
import { createAuthenticateKey } from './identity/api-keys.ts';
import { createIdentify } from './identity/identify.ts';
import { createJwks } from './identity/jwks.ts';
import { createTokens } from './identity/tokens.ts';
import type { Buckets } from './limits/buckets.ts';
import { coalesce } from './limits/coalesce.ts';
import { createLimits } from './limits/limits.ts';
import { createMemoryBuckets } from './limits/memory-buckets.ts';
import { createRedis } from './limits/redis.ts';
import { createRedisBuckets } from './limits/redis-buckets.ts';
import { createResilientBuckets } from './limits/resilient-buckets.ts';
import { changesBatch, historyBatch, readFrame } from './read/history.ts';
import { readHeads, readJoins, readMembers } from './read/positions.ts';
import { tenantSecret } from './read/tenants.ts';
import { serveRpc } from './rpc/serve.ts';
import { openStore, type Store } from './store/connect.ts';
import { waitForSchema } from './store/wait-for-schema.ts';
import { createAnnouncer } from './write/announce.ts';
import { createAppender } from './write/append-message.ts';
import { changeMessages } from './write/change-message.ts';
import type { Publish } from './store/committed.ts';
import { moveReads, type ReadMove, moveAcks } from './write/positions.ts';
import { sendMessages } from './write/send-messages.ts';
import { createWriteMetrics } from './write/write-metrics.ts';

export interface ChatService {
  /** Where REST is served. */
  readonly url: string;
  /** Answers what was taken, then lets go of everything. Settles within the sum of the parts' deadlines; never rejects. */
  stop(): Promise<void>;
}

/** Starts a chat-service. Resolves when it serves; when a part fails to start, stops the others and rejects. */
export async function startChatService(config: ChatServiceConfig): Promise<ChatService> {
  const log = createLogger({ name: 'chat-service', level: config.logLevel });
  const life = new Lifecycle({ log });
  const stop = async () => {
    await life.start();
    await life.stop();
  };
  try {
    const url = await compose(config, log, life);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function compose(config: ChatServiceConfig, log: Logger, life: Lifecycle): Promise<string> {
  const metrics = createMetrics('chat-service');
  const store = await openDatabase(config, log, life);
  const redis = createRedis(config.redisUrl, (err) => log.warn({ err }, 'redis'));
  life.add({ name: 'redis', stop: () => redis.disconnect() });
  // Without Redis the service works just as well; it is found whenever it comes.
  await redis.connect().catch(() => {});
  const bus = await connectBus({ url: config.natsUrl, name: 'chat-service', log });
  life.add({ name: 'bus', stop: () => bus.drain() });

  const limits = createLimits(bucketsOn(redis, metrics, log), config.limits);
  let serving = false;
  const ops = opsRoutes({ health: healthOf(store, bus, redis), metrics, ready: () => serving });
  const app = await createHttpServer({ ...config, log, metrics, ops, limits });
  const jwks = config.jwksUrl === undefined ? undefined : createJwks(config.jwksUrl);
  const tokens = createTokens({ jwt: app.jwt, jwks, tenantSecret: (tid) => tenantSecret(store.sql, tid) });
  const identify = createIdentify(store.sql, tokens);
  const publish: Publish = ({ ranges }) => {
    for (const { tid, cid, topic, first, last, frames } of ranges) {
      const type = topic === 'msg' ? 'messages' : 'updates';
      const batch = encodeBatch({ v: 1, type, tid, cid, first, last, count: frames.length }, frames);
      bus.publish(subjects.conversation(tid, cid, topic), batch);
    }
  };
  const conversations = {
    sql: store.sql,
    announcer: createAnnouncer(bus),
    publish,
    newMid: createUlid(),
  };
  const appender = createAppender({ sql: store.write, limits, publish, metrics: createWriteMetrics(metrics), log });
  life.add({ name: 'appender', stop: () => appender.close() });
  const commands = {
    send: sendMessages.bind(null, appender),
    change: changeMessages.bind(null, { sql: store.sql, publish }),
    ack: moveAcks.bind(null, store.sql),
    read: moveReads.bind(null, {
      sql: store.sql,
      onMove: ({ tid, ...move }: ReadMove) => conversations.announcer.read(tid, move),
    }),
    frameOf: (cid: string, seq: number) => readFrame(store.sql, cid, seq),
  };

  addRoutes(app, {
    adminKey: config.adminKey,
    identify: coalesce(identify),
    authenticateKey: createAuthenticateKey(store.sql, (err) => log.warn({ err }, 'last use of a key not noted')),
    tokens,
    conversations,
    commands,
  });
  life.add({ name: 'http', stop: () => app.close(), stopTimeoutMs: 10_000 });
  await app.listen({ host: config.host, port: config.port });

  const { framesPerConnection, sendsPerUser } = config.limits;
  const answers = {
    open: async (items: readonly { jwt: string }[]) =>
      (await identify(items.map(({ jwt }) => jwt))).map((found) => {
        if (found instanceof ChatError) return found;
        const { tid, uid, clientId, expiresAt } = found;
        return { tid, uid, expiresAt, framesPerConnection, sendsPerUser, ...(clientId !== undefined && { clientId }) };
      }),
    join: readJoins.bind(null, store.sql),
    heads: readHeads.bind(null, store.sql),
    members: readMembers.bind(null, store.sql),
    ...commands,
  };
  const pages = { history: historyBatch.bind(null, store.sql), changes: changesBatch.bind(null, store.sql) };
  const rpc = serveRpc(bus, answers, pages, log);
  life.add({ name: 'rpc', stop: () => rpc.stop(), stopTimeoutMs: 10_000 });
  serving = true;
  life.add({ name: 'readiness', stop: () => void (serving = false) });
  return urlOf(app, config.host);
}

async function openDatabase(config: ChatServiceConfig, log: Logger, life: Lifecycle): Promise<Store> {
  const { databaseUrl: url, databasePoolSize: poolSize, databasePooled: pooled } = config;
  const store = openStore({
    url,
    ...(poolSize !== undefined && { poolSize }),
    ...(pooled !== undefined && { pooled }),
  });
  life.add({ name: 'database', stop: () => store.close(), stopTimeoutMs: 6_000 });
  await waitForSchema(store.sql, (err) => log.warn({ err }, 'waiting for the database'));
  return store;
}

function bucketsOn(redis: Redis, metrics: Metrics, log: Logger): Buckets {
  const commands = metrics.counter('redis_commands_total', 'Commands sent to Redis', ['result']);
  return createResilientBuckets({
    shared: createRedisBuckets(redis),
    local: createMemoryBuckets(),
    onAsked(err) {
      commands.inc({ result: err === undefined ? 'ok' : 'failed' });
      if (err !== undefined) log.warn({ err }, 'rate limits are counted by this process alone');
    },
  });
}

function healthOf(store: Store, bus: Bus, redis: Redis) {
  return createHealth({
    checks: { database: () => store.sql`select 1`, bus: () => bus.rtt(), redis: () => redis.ping() },
  });
}

function urlOf(app: App, host: string): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}

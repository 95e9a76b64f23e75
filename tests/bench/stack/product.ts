import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type DevServer, freePort, waitUntil } from '@messagecore/dev-servers';
import { NODE_FLAGS } from '@messagecore/runtime';
import { MeasuredProcess } from '../processes/measured-process.ts';
import type { BenchContext } from '../section.ts';
import { type Database, startBroker, startCache, startDatabase } from './servers.ts';

const SERVICES = resolve(import.meta.dirname, '../../../services');
const HOST = '127.0.0.1';

/** One service of ours in a process of its own, as it is in production. */
export interface Service {
  readonly url: string;
  readonly process: MeasuredProcess;
}

/** The product: a chat-service, more when asked for, and two gateways on real servers. */
export interface Product {
  readonly database: Database;
  readonly nats: DevServer;
  readonly redis: DevServer;
  readonly jwtSecret: string;
  readonly adminKey: string;
  readonly chatService: Service;
  /** All of them, the one above is the first. */
  readonly chatServices: readonly Service[];
  readonly gateways: readonly [Service, Service];
  readonly versions: Readonly<Record<string, string>>;
}

export interface ProductOptions {
  /** Further chat-services beside the first, each with settings of its own. */
  readonly moreChatServices?: readonly Settings[];
  /** Settings of our services that differ from those for load tests. */
  readonly settings?: Settings;
}

export type Settings = Readonly<Record<string, string>>;

export async function startProduct(
  context: BenchContext,
  { moreChatServices = [], settings = {} }: ProductOptions = {},
): Promise<Product> {
  const database = await startDatabase(context);
  const nats = await startBroker(context);
  const redis = await startCache(context);
  const jwtSecret = randomBytes(32).toString('hex');
  const adminKey = randomBytes(16).toString('hex');
  const env = {
    HOST,
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    JWT_SECRET: jwtSecret,
    SECRETS_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    LIMITS: 'load',
    LOG_LEVEL: 'warn',
    DATABASE_URL: database.url,
    ADMIN_KEY: adminKey,
    DRAIN_GRACE_MS: '100',
    ...settings,
  };
  context.say(`starting ${moreChatServices.length === 0 ? 'a chat-service' : 'chat-services'} and two gateways`);
  const chatService = await startService(context, 'chat-service', env);
  const chatServices = [chatService];
  for (const more of moreChatServices)
    chatServices.push(await startService(context, 'chat-service', { ...env, ...more }));
  const gateways = [await startService(context, 'gateway', env), await startService(context, 'gateway', env)] as const;
  const versions = { PostgreSQL: database.server.version, NATS: nats.version, Redis: redis.version };
  return { database, nats, redis, jwtSecret, adminKey, chatService, chatServices, gateways, versions };
}

async function startService(
  { cleanup }: BenchContext,
  name: 'chat-service' | 'gateway',
  env: Readonly<Record<string, string>>,
): Promise<Service> {
  const port = await freePort();
  const process = new MeasuredProcess(name, join(SERVICES, name, 'src/main.ts'), {
    env: { ...env, PORT: String(port) },
    execArgv: NODE_FLAGS,
  });
  cleanup.defer(() => process.stop());
  const url = `http://${HOST}:${port}`;
  await waitUntil(`${name} to be ready`, async () => {
    if (process.hasExited) throw new Error(`${name} ended:\n${process.output}`);
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    return answer?.ok ?? false;
  });
  return { url, process };
}

/** Where a gateway takes WebSockets. */
export function socketUrl({ url }: Service): string {
  return `${url.replace('http:', 'ws:')}/ws`;
}

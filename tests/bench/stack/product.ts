import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type DevServer, freePort, type NatsOptions, type PostgresOptions, waitUntil } from '@messagecore/dev-servers';
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

/** A chat-service, more when asked for, on real servers; gateways are still to be started. */
export interface Stack {
  readonly database: Database;
  readonly nats: DevServer;
  readonly redis: DevServer;
  readonly jwtSecret: string;
  readonly adminKey: string;
  readonly chatService: Service;
  /** All of them, the one above is the first. */
  readonly chatServices: readonly Service[];
  readonly versions: Readonly<Record<string, string>>;
  /** One more, with settings of its own. */
  startGateway(settings?: Settings): Promise<Service>;
}

/** The product: a stack with two gateways. */
export interface Product extends Stack {
  readonly gateways: readonly [Service, Service];
}

export interface StackOptions {
  /** Further chat-services beside the first, each with settings of its own. */
  readonly moreChatServices?: readonly Settings[];
  /** Settings of our services that differ from those for load tests. */
  readonly settings?: Settings;
  readonly postgres?: Pick<PostgresOptions, 'env'>;
  readonly nats?: Pick<NatsOptions, 'monitorPort'>;
}

export type Settings = Readonly<Record<string, string>>;

export async function startProduct(context: BenchContext, options: StackOptions = {}): Promise<Product> {
  const stack = await startStack(context, options);
  context.say('starting two gateways');
  return { ...stack, gateways: [await stack.startGateway(), await stack.startGateway()] };
}

export async function startStack(
  context: BenchContext,
  { moreChatServices = [], settings = {}, postgres, nats: broker }: StackOptions = {},
): Promise<Stack> {
  const database = await startDatabase(context, postgres);
  const nats = await startBroker(context, broker);
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
  context.say(`starting ${moreChatServices.length === 0 ? 'a chat-service' : 'chat-services'}`);
  const chatService = await startService(context, 'chat-service', env);
  const chatServices = [chatService];
  for (const more of moreChatServices)
    chatServices.push(await startService(context, 'chat-service', { ...env, ...more }));
  const versions = { PostgreSQL: database.server.version, NATS: nats.version, Redis: redis.version };
  const startGateway = (more: Settings = {}) => startService(context, 'gateway', { ...env, ...more });
  return { database, nats, redis, jwtSecret, adminKey, chatService, chatServices, versions, startGateway };
}

async function startService(
  { cleanup }: BenchContext,
  name: 'chat-service' | 'gateway',
  env: Readonly<Record<string, string>>,
): Promise<Service> {
  const port = await freePort();
  const process = new MeasuredProcess(name, join(SERVICES, name, 'src/main.ts'), {
    env: { ...env, PORT: String(port) },
    execArgv: NODE_FLAGS[name],
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

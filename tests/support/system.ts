import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus } from '@messagecore/bus';
import { type ChatService, type ChatServiceConfig, migrate, startChatService } from '@messagecore/chat-service';
import {
  cloneDatabase,
  createTemplate,
  dropDatabase,
  type NatsServer,
  startNats,
  startPostgres,
  startRedis,
} from '@messagecore/dev-servers';
import { type Gateway, type GatewayConfig, startGateway } from '@messagecore/gateway';
import { RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import { createLogger } from '@messagecore/runtime';
import { RawClient, type RawOptions, TestTenant, type TestUser } from '@messagecore/testkit';
import postgres from 'postgres';

const TEMPLATE = 'messagecore_template';
export const JWT_SECRET = 'a secret of the tests, long enough to sign with';
const ADMIN_KEY = 'the operator key of the tests';

export interface SystemOptions {
  readonly gateways?: number;
  readonly chatServices?: number;
  readonly limits?: keyof typeof RATE_PROFILES | RateLimits;
  /** A Redis of its own, for tests that empty the buckets which others share, or that stop it. */
  readonly ownRedis?: boolean;
  /** Changes of single settings, such as shorter times. */
  readonly gateway?: Partial<GatewayConfig>;
  readonly chatService?: Partial<ChatServiceConfig>;
}

/** Gateways, chat-services and a bus of their own, over a database of their own: nothing is shared with other tests. */
export interface System {
  readonly chatServices: readonly ChatService[];
  readonly gateways: readonly Gateway[];
  readonly nats: NatsServer;
  /** A connection to the bus beside those of the services, to listen and to inject. */
  readonly bus: Bus;
  readonly sql: postgres.Sql;
  readonly databaseUrl: string;
  /** Address of the first chat-service's REST API. */
  readonly api: string;
  /** Address of a gateway's WebSocket; counted from 0. */
  ws(gateway?: number): string;
  sse(gateway?: number): string;
  tenant(): Promise<TestTenant>;
  /** Opens a session and waits until it is ready. It is closed with the system. */
  connect(user: Pick<TestUser, 'token'>, options?: ConnectOptions): Promise<RawClient>;
  /** Opens a connection and waits for nothing. */
  dial(options?: ConnectOptions & { token?: string }): RawClient;
  /** Starts one more gateway with the same settings. */
  addGateway(): Promise<Gateway>;
  stop(): Promise<void>;
}

export type ConnectOptions = Partial<Omit<RawOptions, 'url' | 'token'>> & {
  readonly gateway?: number;
  /** Instead of a gateway's own address. */
  readonly url?: string;
};

/** Starts a system. Servers that the run provides are used (`npm test`); what it does not provide is started. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return await assemble(options, cleanups, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  options: SystemOptions,
  cleanups: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<System> {
  const dir = await mkdtemp(join(tmpdir(), 'messagecore-system-'));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  const [postgresUrl, redisUrl, nats] = await Promise.all([
    providedOr(
      'MC_TEST_POSTGRES_URL',
      () => startPostgres({ dataDir: join(dir, 'postgres'), durable: false }),
      cleanups,
    ),
    providedOr(
      options.ownRedis ? undefined : 'MC_TEST_REDIS_URL',
      () => startRedis({ dataDir: join(dir, 'redis') }),
      cleanups,
    ),
    startNats({ dataDir: join(dir, 'nats') }),
  ]);
  cleanups.push(() => nats.stop());
  await createTemplate(postgresUrl, TEMPLATE, migrate);
  const databaseUrl = await cloneDatabase(postgresUrl, TEMPLATE);
  cleanups.push(() => dropDatabase(databaseUrl));

  const log = createLogger({ name: 'tests', level: 'silent' });
  const bus = await connectBus({ url: nats.url, name: 'tests', log });
  cleanups.push(() => bus.close());
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {}, types: { bigint: postgres.BigInt } });
  cleanups.push(() => sql.end({ timeout: 5 }));

  const { limits = 'load' } = options;
  const common = {
    host: '127.0.0.1',
    port: 0,
    natsUrl: nats.url,
    logLevel: process.env['MC_TEST_LOG'] ?? 'silent',
    limits: typeof limits === 'string' ? RATE_PROFILES[limits] : limits,
  };
  const keep = <S extends { stop(): Promise<void> }>(service: S): S => {
    cleanups.push(() => service.stop());
    return service;
  };
  const chatServices = await Promise.all(
    times(options.chatServices ?? 1, async () =>
      keep(
        await startChatService({
          ...common,
          databaseUrl,
          redisUrl,
          jwtSecret: JWT_SECRET,
          adminKey: ADMIN_KEY,
          ...options.chatService,
        }),
      ),
    ),
  );
  const newGateway = async () => keep(await startGateway({ ...common, drainGraceMs: 2_000, ...options.gateway }));
  const gateways = await Promise.all(times(options.gateways ?? 2, newGateway));

  const dial: System['dial'] = ({ gateway = 0, url = wsOf(gateways[gateway]!), ...rest } = {}) => {
    const client = new RawClient({ url, ...rest });
    cleanups.push(() => Promise.resolve(client.cut()));
    return client;
  };
  return {
    chatServices,
    gateways,
    nats,
    bus,
    sql,
    databaseUrl,
    api: chatServices[0]?.url ?? '',
    ws: (gateway = 0) => wsOf(gateways[gateway]!),
    sse: (gateway = 0) => `${gateways[gateway]!.url}/sse`,
    tenant: () => TestTenant.create(chatServices[0]!.url, ADMIN_KEY),
    dial,
    connect: async ({ token }, connectOptions = {}) => {
      const client = dial({ ...connectOptions, token });
      await client.record.next('ready');
      return client;
    },
    addGateway: async () => {
      const gateway = await newGateway();
      gateways.push(gateway);
      return gateway;
    },
    stop,
  };
}

const wsOf = ({ url }: Gateway) => `${url.replace(/^http/, 'ws')}/ws`;

const times = <T>(count: number, make: () => Promise<T>) => Array.from({ length: count }, make);

async function providedOr(
  name: string | undefined,
  start: () => Promise<{ url: string; stop(): Promise<void> }>,
  cleanups: (() => Promise<unknown>)[],
): Promise<string> {
  const provided = name === undefined ? undefined : process.env[name];
  if (provided !== undefined) return provided;
  const server = await start();
  cleanups.push(() => server.stop());
  return server.url;
}

import { type Bus, connectBus } from '@messagecore/bus';
import { type ChatService, type ChatServiceConfig, startChatService } from '@messagecore/chat-service';
import type { NatsServer } from '@messagecore/dev-servers';
import { type Gateway, type GatewayConfig, startGateway } from '@messagecore/gateway';
import { RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import { createLogger } from '@messagecore/runtime';
import { RawClient, type RawOptions, TestTenant, type TestUser } from '@messagecore/testkit';
import postgres from 'postgres';
import { readTestConfig } from './config.ts';
import { forkChatService, forkGateway, type ServiceProcess } from './processes/service-process.ts';
import { Cleanups, prepareServers, type Servers, type ServersOptions } from './servers.ts';

export const JWT_SECRET = 'a secret of the tests, long enough to sign with';
const SECRETS_KEYS = new Map([['tests', Buffer.alloc(32, 'tests')]]);
const ADMIN_KEY = 'the operator key of the tests';
/** Page of the client. */
export const APP_URL = 'https://chat.example.com/app';

export interface SystemOptions extends ServersOptions {
  readonly gateways?: number;
  readonly chatServices?: number;
  readonly limits?: keyof typeof RATE_PROFILES | RateLimits;
  /** Changes of single settings, such as shorter times. */
  readonly gateway?: Partial<GatewayConfig>;
  readonly chatService?: Partial<ChatServiceConfig>;
  /** Each service in a process of its own, for tests of memory. */
  readonly ownProcesses?: boolean;
}

/** Gateways, chat-services and a bus of their own, over a database of their own: nothing is shared with other tests. */
export interface System {
  readonly chatServices: readonly ChatService[];
  readonly gateways: readonly Gateway[];
  /** Those of the services that were started with the system; none unless they have their own. */
  readonly processes: readonly ServiceProcess[];
  readonly nats: NatsServer;
  /** A connection to the bus beside those of the services, to listen and to inject. */
  readonly bus: Bus;
  readonly sql: postgres.Sql;
  readonly databaseUrl: string;
  readonly redisUrl: string;
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
  /** Starts one more chat-service, in a process of its own. */
  addChatService(changes: Partial<ChatServiceConfig>): Promise<ChatService & ServiceProcess>;
  /** Starts one more gateway with the same settings. */
  addGateway(): Promise<Gateway>;
  stop(): Promise<void>;
}

export type ConnectOptions = Partial<Omit<RawOptions, 'url' | 'token'>> & {
  readonly gateway?: number;
  /** Instead of a gateway's own address. */
  readonly url?: string;
};

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const cleanups = new Cleanups();
  try {
    return await assemble(options, cleanups);
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

async function assemble(options: SystemOptions, cleanups: Cleanups): Promise<System> {
  const servers = await prepareServers(cleanups, options);
  const { nats, databaseUrl, redisUrl } = servers;
  const bus = await connectBus({ url: nats.url, name: 'tests', log: createLogger({ name: 'tests', level: 'silent' }) });
  cleanups.add(() => bus.close());
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} });
  cleanups.add(() => sql.end({ timeout: 5 }));
  const { chatServices, gateways, processes, newGateway, addChatService } = await startServices(
    options,
    servers,
    cleanups,
  );
  const api = chatServices[0]?.url ?? '';
  const ws = (gateway = 0) => `${gateways[gateway]!.url.replace(/^http/, 'ws')}/ws`;
  const dial: System['dial'] = ({ gateway, url = ws(gateway), ...rest } = {}) => {
    const client = new RawClient({ url, ...rest });
    cleanups.add(() => client.cut());
    return client;
  };
  return {
    ...{ chatServices, gateways, processes, nats, bus, sql, databaseUrl, redisUrl, api, ws, dial },
    sse: (gateway = 0) => `${gateways[gateway]!.url}/sse`,
    tenant: () => TestTenant.create(api, ADMIN_KEY),
    connect: async ({ token }, connectOptions = {}) => {
      const client = dial({ ...connectOptions, token });
      await client.record.next('ready');
      return client;
    },
    addChatService,
    addGateway: async () => {
      const gateway = await newGateway();
      gateways.push(gateway);
      return gateway;
    },
    stop: () => cleanups.run(),
  };
}

async function startServices(options: SystemOptions, servers: Servers, cleanups: Cleanups) {
  const { nats, databaseUrl, redisUrl, blobs: folder } = servers;
  const { limits = 'load' } = options;
  const common = {
    host: '127.0.0.1',
    port: 0,
    natsUrl: nats.url,
    logLevel: readTestConfig().logLevel,
    limits: typeof limits === 'string' ? RATE_PROFILES[limits] : limits,
  };
  const keep = async <S extends { stop(): Promise<void> }>(starting: Promise<S>): Promise<S> => {
    const service = await starting;
    cleanups.add(() => service.stop());
    return service;
  };
  const secrets = { jwtSecret: JWT_SECRET, adminKey: ADMIN_KEY, secretsKeys: SECRETS_KEYS };
  const chatServiceConfig = {
    ...{ ...common, ...secrets, databaseUrl, redisUrl, blobs: { folder }, appUrl: APP_URL },
    ...options.chatService,
  };
  const gatewayConfig = { ...common, drainGraceMs: 2_000, ...options.gateway };
  const start = options.ownProcesses === true ? IN_PROCESSES : HERE;
  const newChatService = () => keep(start.chatService(chatServiceConfig));
  const newGateway = () => keep(start.gateway(gatewayConfig));
  const chatServices = await Promise.all(Array.from({ length: options.chatServices ?? 1 }, newChatService));
  const gateways = await Promise.all(Array.from({ length: options.gateways ?? 2 }, newGateway));
  const processes = [...chatServices, ...gateways].filter(isProcess);
  const addChatService = (changes: Partial<ChatServiceConfig>) =>
    keep(forkChatService({ ...chatServiceConfig, ...changes }));
  return { chatServices, gateways, processes, newGateway, addChatService };
}

const isProcess = <S extends object>(service: S): service is S & ServiceProcess => 'rss' in service;

const HERE = { chatService: startChatService, gateway: startGateway };
const IN_PROCESSES = { chatService: forkChatService, gateway: forkGateway };

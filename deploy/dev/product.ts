import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type DevServer,
  ensureDatabase,
  type Log,
  run,
  startNats,
  startPostgres,
  startRedis,
} from '@messagecore/dev-servers';
import type { LimitsProfile } from './args.ts';
import { Assembly } from './assembly.ts';
import { childEnvironment } from './config.ts';
import { startFront, type WebFront } from './front.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';
import { planPorts, type PortPlan, releasePorts } from './port-plan.ts';
import type { Progress } from './progress.ts';
import { ensureSecrets, type Secrets } from './secrets.ts';
import { type Programs, type ServiceOptions, startService } from './services.ts';
import { type ProductState, serverState, stateFile } from './state.ts';
import { webAddress } from './web.ts';

export interface ProductOptions {
  /** Absolute. Everything that the product keeps lives below it. */
  readonly dataDir: string;
  readonly portBase: number;
  readonly gateways: number;
  readonly chatServices: number;
  readonly limits: LimitsProfile;
  readonly programs: Programs;
  /** Builds the web client if its sources are newer, and returns its folder. */
  readonly webClient: (log: Log) => Promise<string>;
  readonly progress: Progress;
  /** Ends a start under way after the step that it is at. */
  readonly signal: AbortSignal;
}

export interface Product {
  /** As it is now: pids follow restarts. */
  state(): ProductState;
  /** Puts a new demo tenant in the place of the present one, and empties the mailbox: tests of several files use one product. */
  renewDemo(): Promise<void>;
  /** Stops everything, gateways first and servers last. True when all stopped in time. Never rejects. */
  stop(): Promise<boolean>;
  /** Kills the services without waiting. The servers stop by themselves once this process is gone, their data safe. */
  abandon(): void;
}

/** How long a gateway takes to send its sessions elsewhere. Short: here everything stops together. */
const DRAIN_GRACE_MS = 2_000;
const DATABASE = 'messagecore';
const LOOPBACK = '127.0.0.0/8,::1/128';

/**
 * The whole product on this machine: servers, services, demo tenant and web client, started in the order in which they need
 * each other. Whatever dies later is started again on its port. `running.json` in the data folder tells other programs what
 * runs, and is gone when nothing does.
 *
 * @throws the error of the step that failed, when everything started before it has been stopped again.
 */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const file = stateFile(options.dataDir);
  let state: (() => ProductState) | undefined;
  const writeState = async () => state && file.write(state());
  const assembly = new Assembly(options.progress, options.signal, () => void writeState());
  try {
    const ports = await planPorts(options.portBase, options);
    assembly.onStop('ports', () => releasePorts(ports));
    const secrets = await ensureSecrets(options.dataDir);
    const servers = await startServers(assembly, ports, { ...options, secrets });
    const mailbox = await startMailbox(ports.mail);
    assembly.onStop('mailbox', () => mailbox.stop());
    const services = await startServices(assembly, ports, { ...options, secrets, servers, mailbox });
    const front = await startFront(assembly, ports.web, { ...options, ...addressesOf(services), ...secrets, mailbox });
    state = () => describe(servers, services, front, secrets);
    assembly.onStop('running.json', () => file.remove());
    await writeState();
    options.signal.throwIfAborted();
    return {
      state,
      renewDemo: async () => {
        mailbox.empty();
        await front.renewDemo();
        await writeState();
      },
      stop: () => assembly.stop(),
      abandon: () => {
        for (const service of [...services.gateways, ...services.chatServices]) void service.kill();
      },
    };
  } catch (error) {
    await assembly.stop();
    throw error;
  }
}

interface Servers {
  readonly postgres: DevServer;
  readonly nats: DevServer;
  readonly redis: DevServer;
  /** The product's own database, its schema up to date. */
  readonly databaseUrl: string;
}

async function startServers(
  assembly: Assembly,
  ports: PortPlan,
  { secrets, ...options }: ProductOptions & { secrets: Secrets },
): Promise<Servers> {
  const start = (title: string, name: 'postgres' | 'nats' | 'redis', starter: typeof startPostgres) => {
    const reserved = ports[name];
    const launch = async (log: Log) => {
      await reserved.release();
      const dataDir = join(options.dataDir, name);
      return assembly.group(title).add(await starter({ dataDir, port: reserved.port, log }));
    };
    return assembly.step(title, launch, ({ version, port }) => `${version} on port ${port}`);
  };
  const postgres = await start('PostgreSQL', 'postgres', startPostgres);
  const nats = await start('NATS', 'nats', startNats);
  const redis = await start('Redis', 'redis', startRedis);
  const databaseUrl = await assembly.step('database schema', async () => {
    const url = await ensureDatabase(postgres.url, DATABASE);
    const env = childEnvironment({ DATABASE_URL: url, SECRETS_KEYS: secrets.secretsKeys });
    await run(process.execPath, [options.programs.migrate], { env });
    // No older version runs beside this one, so its rows may be brought up to date at once.
    await run(process.execPath, [options.programs.upkeep], { env });
    return url;
  });
  return { postgres, nats, redis, databaseUrl };
}

interface Services {
  readonly chatServices: readonly DevServer[];
  readonly gateways: readonly DevServer[];
}

async function startServices(
  assembly: Assembly,
  ports: PortPlan,
  { servers, secrets, mailbox, ...options }: ProductOptions & { servers: Servers; secrets: Secrets; mailbox: Mailbox },
): Promise<Services> {
  const startAll = (
    kind: ServiceOptions['kind'],
    reserved: PortPlan['gateways'],
    service: Pick<ServiceOptions, 'program' | 'env'>,
  ) =>
    assembly.step(
      reserved.length === 1 ? `1 ${kind}` : `${reserved.length} ${kind}s`,
      (log) => {
        const group = assembly.group(`${kind}s`);
        const starting = reserved.map(async (port, index) => {
          const title = `${kind}-${index + 1}`;
          const dataDir = join(options.dataDir, title);
          return group.add(await startService({ ...service, kind, title, reserved: port, dataDir, log }));
        });
        return allOf(starting);
      },
      portsOf,
    );
  const common = {
    NATS_URL: servers.nats.url,
    REDIS_URL: servers.redis.url,
    JWT_SECRET: secrets.jwtSecret,
    LIMITS: options.limits,
    LOG_LEVEL: 'info',
  };
  const chatServices = await startAll('chat-service', ports.chatServices, {
    program: options.programs.chatService,
    env: {
      ...common,
      DATABASE_URL: servers.databaseUrl,
      ADMIN_KEY: secrets.adminKey,
      SECRETS_KEYS: secrets.secretsKeys,
      BLOBS: pathToFileURL(join(options.dataDir, 'blobs')).href,
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'MessageCore <chat@localhost>',
      // Identity providers, and servers of tenants, on this machine.
      OUTBOUND_EXEMPT_NETWORKS: LOOPBACK,
      ENDPOINT_EXEMPT_NETWORKS: LOOPBACK,
      APP_URL: `${webAddress(ports.web.port)}/`,
    },
  });
  const gateways = await startAll('gateway', ports.gateways, {
    program: options.programs.gateway,
    env: { ...common, DRAIN_GRACE_MS: String(DRAIN_GRACE_MS) },
  });
  return { chatServices, gateways };
}

function describe(servers: Servers, services: Services, { demo, web }: WebFront, { adminKey }: Secrets): ProductState {
  const { postgres, nats, redis, databaseUrl } = servers;
  return {
    ...addressesOf(services),
    web,
    ...demo,
    adminKey,
    pids: { chatService: pidsOf(services.chatServices), gateways: pidsOf(services.gateways) },
    supervisor: process.pid,
    servers: { postgres: serverState(postgres, databaseUrl), nats: serverState(nats), redis: serverState(redis) },
  };
}

function addressesOf({ chatServices, gateways }: Services): Pick<ProductState, 'api' | 'gateways'> {
  return {
    api: chatServices[0]?.url ?? '',
    gateways: gateways.map(({ url }) => `${url.replace('http:', 'ws:')}/ws`),
  };
}

/** A process that is being started again has none for a moment. */
function pidsOf(services: readonly DevServer[]): number[] {
  return services.map(({ pid }) => pid).filter((pid) => pid !== undefined);
}

const portsOf = (services: readonly DevServer[]): string => `on ${services.map(({ port }) => port).join(', ')}`;

/** Waits for all of them, also when one fails: what comes up late must be known before it is stopped. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

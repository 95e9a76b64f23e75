import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import {
  databaseUrl,
  type DevServer,
  ensureDatabase,
  type NatsOptions,
  type NatsServer,
  reservePort,
  startNats,
  startPgBouncer,
  startPostgres,
  startRedis,
} from '@messagecore/dev-servers';
import postgres from 'postgres';
import { startService } from '../../../deploy/dev/services.ts';
import { Cleanups } from '../../support/servers.ts';
import type { Place } from '../place.ts';
import { type EdgeKind, type Joint, layJoint } from './edge.ts';
import { Links } from './links.ts';
import { Part } from './part.ts';
import { Releases, THIS_RELEASE } from './releases.ts';
import { loadShim, type Shim } from './shim.ts';

export interface ClusterOptions {
  /** Every connection goes through a wire of its own that can be made faulty. */
  readonly wired?: boolean;
  /** PostgreSQL's disk and one chat-service's clock can be tampered with. Needs Linux and a C compiler. */
  readonly shim?: boolean;
  /** PgBouncer in transaction mode stands between chat-services and PostgreSQL. */
  readonly pooled?: boolean;
  /** More settings of PostgreSQL. */
  readonly postgres?: Readonly<Record<string, string | number>>;
  /** Prepares the folder that PostgreSQL will live in; returns the way to undo it. */
  readonly prepareDisk?: (folder: string) => Promise<() => Promise<void>>;
  /** The same for NATS. */
  readonly prepareNatsDisk?: (folder: string) => Promise<() => Promise<void>>;
  readonly nats?: Pick<NatsOptions, 'maxFileStore'>;
  /** The first gateway is in another region, with a NATS of its own there that is joined to the one at home by this. */
  readonly edge?: EdgeKind;
  readonly drainGraceMs?: number;
  /** Consumers and jobs run in two processes of their own, with the trial of `chat-service/test/trial`. */
  readonly background?: boolean;
  /** Root of the sources that the services run and the schema is made with: an earlier version's; these when left out. */
  readonly release?: Release;
}

export interface Release {
  readonly root: string;
  migrate(databaseUrl: string): Promise<void>;
}

/** The whole product as real processes with their own data: PostgreSQL (fsync on), NATS (file store), Redis, two of each service. */
export interface Cluster extends Place {
  readonly postgres: Part;
  readonly nats: Part & { readonly server: NatsServer };
  readonly redis: Part;
  readonly chatServices: readonly [Part, Part];
  readonly gateways: readonly [Part, Part];
  /** What runs consumers and jobs; empty without `background`: then the chat-services do. */
  readonly background: readonly Part[];
  /** Every process. */
  readonly parts: readonly Part[];
  readonly links: Links;
  readonly releases: Releases;
  /** PostgreSQL's disk, and the clocks of the first chat-service and of what runs in the background. */
  readonly shims: Shims | undefined;
  readonly postgresFolder: string;
  /** The role as which a chat-service connects, so that its connections can be told apart. */
  roleOf(chatService: number): string;
}

export interface Shims {
  readonly disk: Shim;
  readonly clock: Shim;
  readonly backgroundClocks: readonly [Shim, Shim];
}

/** The operator's job after a restoration. */
export const RESTORED = join(import.meta.dirname, '../../../services/chat-service/src/restored.ts');

type Kind = 'chat-service' | 'gateway' | 'background';

const TRIAL = 'services/chat-service/test/trial';
/** From the root of the sources. */
const PROGRAM_OF: Readonly<Record<Kind, string>> = {
  'chat-service': 'services/chat-service/src/main.ts',
  background: `${TRIAL}/main.ts`,
  gateway: 'services/gateway/src/main.ts',
};

const DATABASE = 'messagecore';
const ADMIN_KEY = 'the operator key of the fault tests';
export const JWT_SECRET = 'a secret of the fault tests, long enough to sign with';
const SECRETS_KEYS = `faults:${Buffer.alloc(32, 'faults').toString('base64')}`;
const SECRETS = { JWT_SECRET, SECRETS_KEYS, ADMIN_KEY };
/** Of the roles of chat-services. */
export const PASSWORD = 'role';

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const cleanups = new Cleanups();
  try {
    return await assemble(options, cleanups);
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

async function assemble(options: ClusterOptions, cleanups: Cleanups): Promise<Cluster> {
  const deaths: string[] = [];
  const links = new Links();
  const dir = await mkdtemp(join(tmpdir(), 'messagecore-faults-'));
  cleanups.add(() => rm(dir, { recursive: true, force: true }));
  await chmod(dir, 0o755);
  const shims = options.shim === true ? await loadShims(dir) : undefined;
  const keep = <P extends Part>(part: P): P => {
    cleanups.add(async () => {
      part.resume();
      await part.stop();
    });
    return part;
  };
  const partOf = (name: string, server: Part['server']) => keep(new Part(name, server, (death) => deaths.push(death)));

  const joint = options.edge === undefined ? undefined : await layJoint(options.edge, links);
  const servers = await startServers(options, dir, { shims, joint }, cleanups, partOf);
  cleanups.add(() => links.stop());
  const joined = await joint?.start(dir);
  for (const server of [joined?.edge, ...(joined?.members ?? [])])
    if (server !== undefined) partOf('joined NATS', server);
  const startPooler = async () => {
    const pooler = await startPgBouncer({ dataDir: join(dir, 'pooler'), databaseUrl: servers.url });
    cleanups.add(() => pooler.stop());
    return pooler;
  };
  const releases = new Releases(dir);
  const deps = { dir, shims, links, releases, partOf, startPooler, ...servers };
  const services = await startServices(options, { ...deps, edgePort: joined?.edge.port });
  const { database, nats, redis } = servers;
  const own = [...services.chatServices, ...services.background, ...services.gateways];
  const parts = [database, nats, redis, ...own];
  return {
    ...services,
    ...{ postgres: database, nats: nats as Cluster['nats'], redis, parts, links, releases, shims, roleOf },
    versions: { PostgreSQL: database.server.version, NATS: nats.server.version, Redis: redis.server.version },
    databaseUrl: servers.url,
    postgresFolder: join(dir, 'postgres'),
    apis: services.chatServices.map(({ server }) => server.url),
    adminKey: ADMIN_KEY,
    takeDeaths: () => deaths.splice(0),
    heal: async () => {
      links.heal();
      shims?.disk.heal();
      for (const clock of shims ? [shims.clock, ...shims.backgroundClocks] : []) clock.heal();
      for (const part of parts) part.resume();
      // The servers first: services wait for them.
      for (const part of [database, nats, redis]) await part.recover();
      await Promise.all(own.map((part) => part.recover()));
    },
    stop: () => cleanups.run(),
  };
}

async function loadShims(dir: string): Promise<Shims> {
  const load = (name: string) => loadShim(dir, name);
  return {
    disk: await load('disk'),
    clock: await load('clock'),
    backgroundClocks: [await load('background-1'), await load('background-2')],
  };
}

type PartOf = (name: string, server: Part['server']) => Part;

async function startServers(
  {
    postgres: settings = {},
    prepareDisk,
    prepareNatsDisk,
    nats: natsOptions = {},
    background,
    release,
  }: ClusterOptions,
  dir: string,
  { shims, joint }: { readonly shims: Shims | undefined; readonly joint: Joint | undefined },
  cleanups: Cleanups,
  partOf: PartOf,
) {
  const folder = join(dir, 'postgres');
  const releaseDisk = await prepareDisk?.(folder);
  if (releaseDisk !== undefined) cleanups.add(releaseDisk);
  const natsFolder = join(dir, 'nats');
  const releaseNats = await prepareNatsDisk?.(natsFolder);
  if (releaseNats !== undefined) cleanups.add(releaseNats);
  const [postgresServer, natsServer, redisServer] = await Promise.all([
    startPostgres({ dataDir: folder, settings, log: () => {}, ...(shims && { env: shims.disk.env }) }),
    startNats({ ...natsOptions, ...(joint && { lines: joint.lines }), dataDir: natsFolder }),
    startRedis({ dataDir: join(dir, 'redis') }),
  ]);
  const database = partOf('PostgreSQL', postgresServer);
  const nats = partOf('NATS', natsServer);
  const redis = partOf('Redis', redisServer);
  const url = await ensureDatabase(postgresServer.url, DATABASE);
  await (release?.migrate ?? migrate)(url);
  await createRoles(url);
  if (background === true) await createTrialTables(url);
  return { database, nats, redis, url };
}

const roleOf = (chatService: number): string => `chat-service-${chatService + 1}`;

/** A role for each chat-service: not a superuser, so that the connections reserved for those are not theirs. */
async function createRoles(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const index of [0, 1]) {
      await sql.unsafe(`create role "${roleOf(index)}" login password '${PASSWORD}' in role postgres`);
    }
  } finally {
    await sql.end();
  }
}

async function createTrialTables(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    await sql.file(join(THIS_RELEASE, TRIAL, 'tables.sql'));
  } finally {
    await sql.end();
  }
}

interface ServiceDeps {
  readonly dir: string;
  readonly shims: Shims | undefined;
  readonly links: Links;
  readonly releases: Releases;
  readonly partOf: PartOf;
  readonly database: Part;
  readonly nats: Part;
  readonly redis: Part;
  readonly url: string;
  /** Of the first gateway's own NATS. */
  readonly edgePort: number | undefined;
  startPooler(): Promise<DevServer>;
}

async function startServices(options: ClusterOptions, deps: ServiceDeps) {
  const { links, releases, partOf, database, nats, redis } = deps;
  const wire: Links['lay'] = async (route, index, port) =>
    options.wired === true ? links.lay(route, index, port) : port;
  const start = async (kind: Kind, index: number, env: Record<string, string>) => {
    const title = `${kind}-${index + 1}`;
    const own = kind === 'gateway' && index === 0 ? deps.edgePort : undefined;
    const at = own ?? nats.server.port;
    const natsPort = kind === 'background' ? at : await wire(`${kind}-nats`, index, at);
    const common = { NATS_URL: `nats://127.0.0.1:${natsPort}`, LIMITS: 'load', LOG_LEVEL: 'warn' };
    const root = await releases.of(title, options.release?.root ?? THIS_RELEASE);
    const service = await startService({
      title,
      kind: kind === 'gateway' ? 'gateway' : 'chat-service',
      program: join(root, PROGRAM_OF[kind]),
      reserved: await reservePort(),
      dataDir: join(deps.dir, title),
      env: { ...common, ...env },
      log: () => {},
    });
    return partOf(title, service);
  };
  const pooler = options.pooled === true ? await deps.startPooler() : undefined;
  const startChatService = async (index: number) => {
    const postgresPort = await wire('chat-service-postgres', index, (pooler ?? database.server).port);
    const redisPort = await wire('chat-service-redis', index, redis.server.port);
    const url = new URL(databaseUrl(database.server.url, DATABASE));
    Object.assign(url, { username: roleOf(index), password: PASSWORD, port: String(postgresPort) });
    return start('chat-service', index, {
      ...{ DATABASE_URL: url.href, REDIS_URL: `redis://127.0.0.1:${redisPort}`, ...SECRETS },
      DATABASE_POOLED: String(pooler !== undefined),
      ...(options.background === true && { ROLES: 'api,rpc,relay' }),
      ...(index === 0 && deps.shims?.clock.env),
    });
  };
  const chatServices = [await startChatService(0), await startChatService(1)] as const;
  const startBackground = (index: 0 | 1) =>
    start('background', index, {
      ...{ ROLES: 'workers,jobs', DATABASE_URL: deps.url, REDIS_URL: redis.server.url, ...SECRETS },
      ...deps.shims?.backgroundClocks[index].env,
    });
  const background = options.background === true ? [await startBackground(0), await startBackground(1)] : [];
  const grace = { DRAIN_GRACE_MS: String(options.drainGraceMs ?? 1_000) };
  const gateways = [await start('gateway', 0, grace), await start('gateway', 1, grace)] as const;
  const sockets: string[] = [];
  for (const [index, { server }] of gateways.entries()) {
    sockets.push(`ws://127.0.0.1:${await wire('client-gateway', index, server.port)}/ws`);
  }
  return { chatServices, background, gateways, sockets };
}

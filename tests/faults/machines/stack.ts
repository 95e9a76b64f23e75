/** Everything that the product needs so that any one machine may go, each machine a network namespace of this one. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@messagecore/chat-service';
import { ensureDatabase, waitUntil } from '@messagecore/dev-servers';
import postgres from 'postgres';
import { Cleanups } from '../../support/servers.ts';
import type { Place } from '../place.ts';
import { BUSES, busProgram, isBusWhole } from './buses.ts';
import { cacheName, cachePrograms, CACHES, isCacheWhole } from './caches.ts';
import {
  areReplicated,
  databaseProgram,
  DATABASES,
  isPrimary,
  POSTGRES_PORT,
  SUPERUSER,
  WITNESS,
  witnessProgram,
} from './databases.ts';
import { Machine, type Program } from './machine.ts';
import { Network } from './network.ts';
import { type Account, poolerPrograms, POOLERS } from './poolers.ts';
import {
  ADMIN_KEY,
  api,
  CHAT_SERVICES,
  chatServiceProgram,
  databaseUrl,
  gatewayProgram,
  GATEWAYS,
  isWell,
  sayHealth,
  socket,
  straight,
} from './services.ts';
import { findTools, type Tools } from './tools.ts';

export interface Stack extends Place {
  readonly machines: ReadonlyMap<string, Machine>;
}

const DATABASE = 'messagecore';
const SERVICE: Account = { username: 'chat', password: 'chat', database: DATABASE };
const LOOK_MS = 300;
const WHOLE_WITHIN_MS = 120_000;

export async function startStack(): Promise<Stack> {
  const cleanups = new Cleanups();
  try {
    return await assemble(cleanups);
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

async function assemble(cleanups: Cleanups): Promise<Stack> {
  const tools = await findTools();
  const dir = await mkdtemp(join(tmpdir(), 'messagecore-machines-'));
  cleanups.add(() => rm(dir, { recursive: true, force: true }));
  await chmod(dir, 0o755);
  const network = await Network.create(dir);
  const deaths: string[] = [];
  const machines = new Map<string, Machine>();
  const add = async (name: string, programs: readonly Program[], answers: () => Promise<boolean>, alias?: string) => {
    await network.add(name, ...(alias === undefined ? [] : [alias]));
    const machine = new Machine({ name, network, programs, answers, onDeath: (death) => deaths.push(death) });
    machines.set(name, machine);
    cleanups.add(() => machine.kill());
    return machine;
  };
  await startServers(add, dir, tools);
  const hosts = `${await primary()}:${POSTGRES_PORT}`;
  const url = await ensureDatabase(databaseUrl({ ...SUPERUSER, database: 'postgres' }, hosts), DATABASE);
  await migrate(url);
  await createRole(url);
  await startServices(add, dir, tools);
  const whole = () => untilWhole(machines);
  await whole();
  return {
    machines,
    versions: { PostgreSQL: tools.postgresVersion },
    databaseUrl: `${straight({ ...SUPERUSER, database: DATABASE })}?target_session_attrs=primary`,
    apis: CHAT_SERVICES.map(api),
    sockets: GATEWAYS.map(socket),
    adminKey: ADMIN_KEY,
    takeDeaths: () => deaths.splice(0),
    heal: async () => {
      for (const machine of machines.values()) await machine.recover();
      await whole();
    },
    stop: () => cleanups.run(),
  };
}

type Add = (
  name: string,
  programs: readonly Program[],
  answers: () => Promise<boolean>,
  alias?: string,
) => Promise<Machine>;

async function startServers(add: Add, dir: string, tools: Tools): Promise<void> {
  const always = () => Promise.resolve(true);
  const machines = [await add(WITNESS, [await witnessProgram(dir, tools)], always)];
  for (const name of DATABASES) {
    machines.push(await add(name, [await databaseProgram(name, dir, tools)], () => areAsked(name)));
  }
  for (const name of BUSES)
    machines.push(await add(name, [await busProgram(name, dir, tools)], () => isBusWhole(name)));
  for (const name of CACHES) {
    machines.push(await add(name, await cachePrograms(name, dir, tools), always, cacheName(name)));
  }
  await Promise.all(machines.map((machine) => machine.start()));
  await waitUntil('PostgreSQL and its standby', () => areReplicated(DATABASES[0]).catch(() => false), PATIENT);
}

const PATIENT = { timeoutMs: WHOLE_WITHIN_MS, everyMs: LOOK_MS };

/** Whether Patroni answers there. */
async function areAsked(machine: string): Promise<boolean> {
  await areReplicated(machine);
  return true;
}

async function startServices(add: Add, dir: string, tools: Tools): Promise<void> {
  for (const name of POOLERS) {
    const machine = await add(name, await poolerPrograms(name, dir, tools, SERVICE), () => Promise.resolve(true));
    await machine.start();
  }
  const own = [];
  for (const name of CHAT_SERVICES)
    own.push(await add(name, [chatServiceProgram(name, dir, SERVICE)], () => isWell(name)));
  for (const name of GATEWAYS) own.push(await add(name, [gatewayProgram(name, dir)], () => isWell(name)));
  await Promise.all(own.map((machine) => machine.start()));
}

async function primary(): Promise<string> {
  for (;;) {
    for (const machine of DATABASES) if (await isPrimary(machine)) return machine;
    await sleep(LOOK_MS);
  }
}

const SERVICES: readonly string[] = [...CHAT_SERVICES, ...GATEWAYS];

async function createRole(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`create role ${SERVICE.username} login password '${SERVICE.password}' in role postgres`);
  } finally {
    await sql.end();
  }
}

/** Until each server has what the others have, and each service is well: one more fault may come. */
async function untilWhole(machines: ReadonlyMap<string, Machine>): Promise<void> {
  const checks: (readonly [string, () => Promise<boolean>])[] = [
    ...DATABASES.map((name) => [name, () => areReplicated(name)] as const),
    ...BUSES.map((name) => [name, () => isBusWhole(name)] as const),
    ...CACHES.map((name) => [name, () => isCacheWhole(name)] as const),
    ...[...CHAT_SERVICES, ...GATEWAYS].map((name) => [name, () => isWell(name)] as const),
  ];
  for (const [name, check] of checks) {
    if (!machines.has(name)) continue;
    await waitUntil(`${name} to be whole`, () => check().catch(() => false), PATIENT).catch(async (error: unknown) => {
      const said = SERVICES.includes(name) ? `; ${await sayHealth(name)}` : '';
      throw new Error(`${(error as Error).message}${said}`, { cause: error });
    });
  }
}

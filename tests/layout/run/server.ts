/** The PostgreSQL that is measured: in a hurry while tables are filled, and as in production, with little memory, afterwards. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DevServer, startPostgres } from '@messagecore/dev-servers';
import postgres from 'postgres';
import { forgetCached } from './cached-files.ts';
import { limitMemory } from './memory-limit.ts';
import { say } from './say.ts';

export interface Place {
  readonly dir: string;
  readonly memoryMb: number;
}

type Settings = Readonly<Record<string, string | number>>;

/** Nothing survives a power failure. */
const IN_A_HURRY: Settings = {
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_wal_size: '4GB',
  shared_buffers: '1GB',
  maintenance_work_mem: '1GB',
  synchronous_commit: 'off',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
};

/** Checkpoints and vacuum are asked for where they are measured. */
const MEASURED: Settings = {
  shared_buffers: '128MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
};

export function fillQuickly<T>(place: Place, work: (url: string) => Promise<T>): Promise<T> {
  return withServer(place, { durable: false, settings: IN_A_HURRY }, ({ url }) => work(url));
}

/** Nothing of the tables is in memory when it begins. */
export async function measureWithin<T>(
  place: Place,
  work: (url: string) => Promise<T>,
  settings: Settings = {},
): Promise<T> {
  const limit = await limitMemory(place.memoryMb);
  if (limit === undefined) say('no memory limit can be set here: reads are of the cache of the operating system');
  try {
    return await withServer(place, { durable: true, settings: { ...MEASURED, ...settings } }, async (server) => {
      await limit?.add(await processesOf(server));
      return work(server.url);
    });
  } finally {
    await limit?.remove();
  }
}

interface Mode {
  readonly durable: boolean;
  readonly settings: Settings;
}

async function withServer<T>({ dir }: Place, mode: Mode, work: (server: DevServer) => Promise<T>): Promise<T> {
  const dataDir = join(dir, 'postgres');
  if (mode.durable) await forgetCached(dataDir);
  const server = await startPostgres({ dataDir, log: () => {}, ...mode });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** The main process and those that it has started for itself. */
async function processesOf({ url, dataDir }: DevServer): Promise<number[]> {
  const lock = await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8');
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const rows = await sql<{ pid: number }[]>`select pid from pg_stat_activity`;
  await sql.end();
  const alive = rows.map(({ pid }) => pid);
  return [Number(lock.split('\n')[0]), ...alive];
}

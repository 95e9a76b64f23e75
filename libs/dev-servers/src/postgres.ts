import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import postgres from 'postgres';
import { run } from './acquire/run.ts';
import { hostEnvironment } from './config.ts';
import { logToStderr } from './log.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { endLeftoverBackends, STILL_IN_USE } from './postgres-remains.ts';
import { isAlive, processInfo } from './process-info.ts';
import { launchProcess } from './running.ts';
import { type DevServer, type Kind, logFileOf, type ServerOptions, startServer } from './server.ts';
import { giveTo, launchAs, type Unprivileged, unprivilegedAccount } from './unprivileged.ts';

export interface PostgresOptions extends ServerOptions {
  /**
   * Whether what was committed survives a power failure; true if not given. False is for tests: commits cost less, and still
   * survive a server that is killed.
   */
  readonly durable?: boolean;
  /** More settings by their names in `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Another PostgreSQL than npm's. */
  readonly binaries?: PostgresBinaries;
  /** Added to the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const USER = 'postgres';

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 300,
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};
const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off' };

/**
 * PostgreSQL from npm's binaries, on the loopback address, with UTF-8 and a password of its own. `url` names the database
 * `postgres` and the superuser. Root starts it as another account (`unprivileged.ts`).
 */
export function startPostgres(options: PostgresOptions): Promise<DevServer> {
  const dataDir = resolve(options.dataDir);
  return startServer({ ...options, dataDir }, (port) => postgresKind({ ...options, dataDir, port }));
}

/**
 * A hot standby of a primary that `startPostgres` runs, with the same password, streaming from it. Made from a copy of the
 * primary's files while it runs; `select pg_promote()` makes it a primary.
 */
export async function startStandby(primary: DevServer, options: PostgresOptions): Promise<DevServer> {
  const dataDir = resolve(options.dataDir);
  const [from, to] = [primary.dataDir, dataDir].map((folder) => join(folder, 'cluster')) as [string, string];
  await mkdir(dataDir, { recursive: true });
  await cp(join(primary.dataDir, 'password'), join(dataDir, 'password'));
  const sql = postgres(primary.url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await sql`select pg_backup_start('standby', true)`;
    await cp(from, to, { recursive: true, filter: (path) => !path.endsWith('postmaster.pid') });
    const [backup] = await sql<{ label: string }[]>`select labelfile as label from pg_backup_stop()`;
    await writeFile(join(to, 'backup_label'), backup?.label ?? '');
    await writeFile(join(to, 'standby.signal'), '');
  } finally {
    await sql.end({ timeout: 5 });
  }
  const account = unprivilegedAccount();
  if (account !== undefined) {
    await run('chown', ['-R', `${account.uid}:${account.gid}`, to], { env: hostEnvironment().variables });
  }
  const { port, password } = new URL(primary.url);
  const connection = `host=127.0.0.1 port=${port} user=${USER} password=${password}`;
  return startPostgres({ ...options, settings: { primary_conninfo: connection, ...options.settings } });
}

async function postgresKind(options: PostgresOptions & { port: number }): Promise<Kind> {
  const { dataDir, port, durable = true } = options;
  const cluster = join(dataDir, 'cluster');
  const account = unprivilegedAccount();
  const binaries = options.binaries ?? (await postgresBinaries());
  const password = await passwordIn(dataDir);
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
  const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE), ...options.settings, port };

  return {
    title: 'PostgreSQL',
    version: binaries.version,
    url,
    port,
    stopSignal: 'SIGINT',
    prepare: async () => {
      if (!existsSync(cluster)) {
        (options.log ?? logToStderr)('PostgreSQL: creating the database cluster');
        await createCluster({ cluster, password, account, binaries, durable });
      }
      await checkVersion(cluster, binaries.version);
      await endLeftoverBackends(cluster);
      await dropForeignLock(cluster);
    },
    passes: STILL_IN_USE,
    launch: async () => {
      const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const {
        program,
        args,
        options: as,
      } = await launchAs(account, binaries.postgres, ['-D', cluster, ...flags], [cluster]);
      const env = { ...hostEnvironment().variables, LC_ALL: 'C', ...options.env };
      return launchProcess(program, args, { ...as, env, cwd: '/', logFile: logFileOf(dataDir), stopSignal: 'SIGINT' });
    },
    answers: () => answers(url),
  };
}

/**
 * One connection per question, since a server that is still recovering refuses with an error of its own. The client's own
 * question about types would fail where nobody can catch it.
 */
async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, fetch_types: false, onnotice: () => {} });
  try {
    await sql`select 1`;
    return true;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function passwordIn(dataDir: string): Promise<string> {
  const file = join(dataDir, 'password');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return kept;
  const password = randomBytes(18).toString('base64url');
  await writeFile(`${file}.new`, password, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}

interface Cluster {
  readonly cluster: string;
  readonly password: string;
  readonly account: Unprivileged | undefined;
  readonly binaries: PostgresBinaries;
  readonly durable: boolean;
}

/**
 * Built under another name and then renamed, so a cluster that exists is whole. The locale is UTF-8 without a language: plain
 * `C` would find no trigrams in Chinese, Japanese or Korean.
 */
async function createCluster({ cluster, password, account, binaries, durable }: Cluster): Promise<void> {
  const building = `${cluster}.new`;
  const passwordFile = join(dirname(cluster), 'initdb.password');
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveTo(account, building);
  await giveTo(account, passwordFile);
  const flags = [
    `--pgdata=${building}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    `--locale=${process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'}`,
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  try {
    const { program, args, options } = await launchAs(account, binaries.initdb, flags, [building]);
    await run(program, args, { ...options, cwd: '/', env: { ...hostEnvironment().variables, LC_ALL: 'C' } });
    await rename(building, cluster);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(building, { recursive: true, force: true });
  }
}

/** @throws Error when the cluster was made by another major version, which this one can't read. */
async function checkVersion(cluster: string, version: string): Promise<void> {
  const made = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  const major = version.split('.')[0];
  if (made === '' || made === major) return;
  throw new Error(
    `${cluster} was made by PostgreSQL ${made}, and this is ${version}: move its data with pg_dump, or delete the folder`,
  );
}

/**
 * After a crash of the whole machine or container the number in `postmaster.pid` may belong to another program by now, and
 * PostgreSQL would refuse to start for fear of it. Our own live servers have been dealt with before this.
 *
 * @throws Error when a PostgreSQL that is not ours to stop runs on the cluster.
 */
async function dropForeignLock(cluster: string): Promise<void> {
  const lockFile = join(cluster, 'postmaster.pid');
  const text = await readFile(lockFile, 'utf8').catch(() => undefined);
  const pid = Number(text?.split('\n')[0]);
  if (!(pid > 0) || !isAlive(pid)) return;
  if (processInfo(pid)?.command.includes(cluster))
    throw new Error(`PostgreSQL runs on ${cluster} already (process ${pid})`);
  await rm(lockFile);
}

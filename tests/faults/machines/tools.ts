/** The programs that a cluster needs beside those of `npm start`: PostgreSQL's own tools, Patroni and HAProxy. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { acquire, NATS, PGBOUNCER, REDIS, run, type ServerSource } from '@messagecore/dev-servers';
import { childEnvironment } from '../../../deploy/dev/config.ts';
import { unableToIsolate } from '../isolate.ts';

export interface Command {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Tools {
  /** The folder with `postgres`, `pg_rewind` and the like. */
  readonly postgres: string;
  readonly postgresVersion: string;
  readonly patroni: Command;
  /** Keeps a voice in elections and no data. */
  readonly patroniWitness: Command;
  readonly haproxy: Command;
  readonly pgbouncer: Command;
  readonly redis: Command;
  readonly nats: Command;
}

const HAPROXY: ServerSource = {
  title: 'HAProxy',
  commands: ['haproxy'],
  image: 'haproxy:3.0-alpine',
  debianPackage: 'haproxy',
  homebrewFormula: 'haproxy',
};

const VENV = join(import.meta.dirname, '../../../.cache/patroni');
const POSTGRES_TOOLS = ['postgres', 'initdb', 'pg_ctl', 'pg_controldata', 'pg_basebackup', 'pg_rewind', 'pg_isready'];
const POSTGRES_FOLDER = '/usr/lib/postgresql';

/** Undefined, or what is missing on this machine, and how to get it. */
export async function unableToReplicate(): Promise<string | undefined> {
  const unable = await unableToIsolate();
  if (unable !== undefined) return unable;
  for (const tool of ['ip', 'nsenter']) {
    if ((await find(tool)) === undefined) return `it needs ${tool} (apt-get install iproute2 util-linux)`;
  }
  if (postgresFolder() === undefined)
    return 'it needs all tools of PostgreSQL 15 or newer (apt-get install postgresql)';
  if ((await patroniCommand('patroni')) === undefined) {
    return (
      'it needs Patroni with Raft (python3 -m venv .cache/patroni && ' +
      ".cache/patroni/bin/pip install 'patroni[raft]==4.1.5' 'psycopg[binary]==3.3.9')"
    );
  }
  return undefined;
}

/** Fetches what can be fetched. @throws Error saying what is missing. */
export async function findTools(): Promise<Tools> {
  const missing = await unableToReplicate();
  if (missing !== undefined) throw new Error(`a cluster cannot be started: ${missing}`);
  const postgres = postgresFolder() ?? '';
  const text = await run(join(postgres, 'postgres'), ['--version'], { env: childEnvironment({}) });
  return {
    postgres,
    postgresVersion: /\d+\.\d+/.exec(text)?.[0] ?? 'unknown',
    patroni: (await patroniCommand('patroni'))!,
    patroniWitness: (await patroniCommand('patroni_raft_controller'))!,
    haproxy: await acquired(HAPROXY),
    pgbouncer: await acquired(PGBOUNCER),
    redis: await acquired(REDIS),
    nats: await acquired(NATS),
  };
}

/** A container would be on no machine of ours. */
async function acquired(source: ServerSource): Promise<Command> {
  const found = await acquire(source, { ways: ['path', 'apt', 'homebrew', 'go'] });
  if (found.kind !== 'program') throw new Error(`there is no program of ${source.title} on this machine`);
  return found.program;
}

/** The newest that is whole. */
function postgresFolder(): string | undefined {
  if (!existsSync(POSTGRES_FOLDER)) return undefined;
  const versions = readdirSync(POSTGRES_FOLDER).toSorted((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(POSTGRES_FOLDER, version, 'bin'))
    .find((folder) => POSTGRES_TOOLS.every((tool) => existsSync(join(folder, tool))));
}

async function patroniCommand(name: string): Promise<Command | undefined> {
  const own = join(VENV, 'bin', name);
  const path = existsSync(own) ? own : await find(name);
  return path === undefined ? undefined : { path: realpathSync(path), env: {} };
}

function find(program: string): Promise<string | undefined> {
  const found = run('sh', ['-c', `command -v ${program}`], { env: childEnvironment({}) });
  return found.then(
    (text) => text.trim(),
    () => undefined,
  );
}

/**
 * PostgreSQL on two machines, one of them a synchronous standby, kept by Patroni: whichever holds the lease takes writes. The
 * lease is in Patroni's own Raft, with a witness on a third machine. As the standby is lost the primary goes on alone; it is
 * never replaced by one that lacks what was acknowledged.
 */
import { realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { giveTo, launchAs, unprivilegedAccount } from '@messagecore/dev-servers';
import { childEnvironment } from '../../../deploy/dev/config.ts';
import type { Program } from './machine.ts';
import type { Tools } from './tools.ts';

export const DATABASES = ['postgres-1', 'postgres-2'] as const;
export const WITNESS = 'witness';

export const POSTGRES_PORT = 5432;
/** Patroni says here who takes writes. */
export const PATRONI_PORT = 8008;
const RAFT_PORT = 5010;
export const SUPERUSER = { username: 'postgres', password: 'superuser' };
const REPLICATION = { username: 'replication', password: 'replication' };

/** Seconds. Patroni takes no shorter lease than `ttl`, which is how long a lost primary is waited for. */
const TIMES = { ttl: 20, loop_wait: 1, retry_timeout: 5 };

const PARAMETERS = {
  max_connections: 300,
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  timezone: 'UTC',
  // Found out in seconds, as a lost standby holds up every commit until it is.
  wal_sender_timeout: '5s',
  wal_receiver_timeout: '5s',
  // Of a client that is gone: a commit that waits for the standby would hold its rows.
  client_connection_check_interval: '2s',
  tcp_user_timeout: '10s',
};

/** Patroni and the PostgreSQL that it starts. */
export async function databaseProgram(machine: string, dir: string, tools: Tools): Promise<Program> {
  const own = join(dir, machine);
  const file = await writeConfiguration(own, { ...raftOf(machine, own), ...configurationOf(machine, own, tools) });
  return programOf(own, tools.patroni.path, file);
}

export async function witnessProgram(dir: string, tools: Tools): Promise<Program> {
  const own = join(dir, WITNESS);
  const file = await writeConfiguration(own, raftOf(WITNESS, own));
  return programOf(own, tools.patroniWitness.path, file);
}

const raftOf = (machine: string, dir: string) => ({
  raft: {
    data_dir: join(dir, 'raft'),
    self_addr: `${machine}:${RAFT_PORT}`,
    partner_addrs: [...DATABASES, WITNESS].filter((each) => each !== machine).map((each) => `${each}:${RAFT_PORT}`),
  },
});

const configurationOf = (machine: string, dir: string, tools: Tools) => ({
  scope: 'messagecore',
  name: machine,
  restapi: { listen: `0.0.0.0:${PATRONI_PORT}`, connect_address: `${machine}:${PATRONI_PORT}` },
  bootstrap: {
    dcs: {
      ...TIMES,
      synchronous_mode: true,
      primary_start_timeout: 0,
      postgresql: { use_pg_rewind: true, parameters: PARAMETERS },
    },
    initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }],
  },
  postgresql: {
    listen: `0.0.0.0:${POSTGRES_PORT}`,
    connect_address: `${machine}:${POSTGRES_PORT}`,
    data_dir: join(dir, 'data'),
    bin_dir: tools.postgres,
    pgpass: join(dir, 'pgpass'),
    parameters: { unix_socket_directories: dir },
    authentication: { superuser: SUPERUSER, rewind: SUPERUSER, replication: REPLICATION },
    pg_hba: [
      'local all all trust',
      'host all all 0.0.0.0/0 scram-sha-256',
      'host replication all 0.0.0.0/0 scram-sha-256',
    ],
  },
});

/** JSON is YAML. */
async function writeConfiguration(dir: string, configuration: object): Promise<string> {
  const file = join(dir, 'patroni.yml');
  await mkdir(dir, { recursive: true });
  await giveTo(unprivilegedAccount(), dir);
  await writeFile(file, JSON.stringify(configuration));
  return file;
}

/** As another account than root, which reaches the environment of Python wherever that is. */
async function programOf(dir: string, path: string, file: string): Promise<Program> {
  const python = realpathSync(join(dirname(path), 'python3'));
  const { program, args, options } = await launchAs(unprivilegedAccount(), path, [file], [dir, python]);
  const identity =
    options.uid === undefined ? [] : ['setpriv', `--reuid=${options.uid}`, `--regid=${options.gid}`, '--clear-groups'];
  const [first = program, ...rest] = [...identity, program, ...args];
  return { command: [first, ...rest], env: { ...childEnvironment({}), LC_ALL: 'C' }, dir: dir };
}

interface Member {
  readonly role: string;
  readonly state: string;
}

/** Everybody as they should be, as Patroni on a machine sees it. */
export async function areReplicated(machine: string): Promise<boolean> {
  const response = await fetch(`http://${machine}:${PATRONI_PORT}/cluster`, { signal: AbortSignal.timeout(2_000) });
  const { members } = (await response.json()) as { members: Member[] };
  const has = (role: string, state: string) => members.some((each) => each.role === role && each.state === state);
  return has('leader', 'running') && has('sync_standby', 'streaming');
}

/** Whether PostgreSQL of that machine takes writes. */
export async function isPrimary(machine: string): Promise<boolean> {
  const asked = fetch(`http://${machine}:${PATRONI_PORT}/primary`, { signal: AbortSignal.timeout(2_000) });
  return asked.then(
    ({ ok }) => ok,
    () => false,
  );
}

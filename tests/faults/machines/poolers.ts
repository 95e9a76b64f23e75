/** PgBouncer in transaction mode on two machines, each behind it an HAProxy that follows the PostgreSQL that takes writes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '../../../deploy/dev/config.ts';
import { DATABASES, PATRONI_PORT, POSTGRES_PORT } from './databases.ts';
import type { Program } from './machine.ts';
import type { Tools } from './tools.ts';

export const POOLERS = ['pooler-1', 'pooler-2'] as const;
export const POOLER_PORT = 6432;
const PRIMARY_PORT = 5000;

export interface Account {
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

export async function poolerPrograms(machine: string, dir: string, tools: Tools, account: Account): Promise<Program[]> {
  const program = async (name: 'haproxy' | 'pgbouncer', file: string, text: string, ...args: string[]) => {
    const own = join(dir, machine, name);
    const path = join(own, file);
    await mkdir(own, { recursive: true });
    await writeFile(path, text);
    const env = { ...childEnvironment({}), ...tools[name].env };
    return { command: [tools[name].path, ...args, path] as const, env, dir: own };
  };
  return [
    await program('haproxy', 'haproxy.cfg', followPrimary(), '-f'),
    await program('pgbouncer', 'pgbouncer.ini', pool(account)),
  ];
}

const followPrimary = (): string =>
  [
    'defaults',
    '  mode tcp',
    '  timeout connect 2s',
    '  timeout client 1h',
    '  timeout server 1h',
    '  timeout check 1s',
    'listen primary',
    `  bind 127.0.0.1:${PRIMARY_PORT}`,
    '  option httpchk OPTIONS /primary',
    '  http-check expect status 200',
    '  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions',
    ...DATABASES.map((machine) => `  server ${machine} ${machine}:${POSTGRES_PORT} check port ${PATRONI_PORT}`),
    '',
  ].join('\n');

const pool = ({ username, password, database }: Account): string =>
  [
    '[databases]',
    `${database} = host=127.0.0.1 port=${PRIMARY_PORT} user=${username} password=${password} dbname=${database}`,
    '[pgbouncer]',
    'listen_addr = 0.0.0.0',
    `listen_port = ${POOLER_PORT}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'max_client_conn = 500',
    'default_pool_size = 30',
    // A server that went is asked again soon; 15 s when left out.
    'server_login_retry = 1',
    'server_connect_timeout = 3',
    'user = nobody',
    '',
  ].join('\n');

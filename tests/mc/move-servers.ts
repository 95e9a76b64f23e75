/** Servers that `mc move` moves between, and its commands as tests run them. */
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import { type DevServer, installedPostgres, startPostgres } from '@messagecore/dev-servers';
import { expect } from 'vitest';
import { testFolder, untilTestEnds, withSql } from './installation.ts';
import { mc } from './run-mc.ts';

/** Debian's or Homebrew's, where there is one: another version than npm's, mostly. */
export const installed = await installedPostgres();

export interface Database {
  readonly server: DevServer;
  readonly url: string;
}

export async function startDatabase(binaries?: typeof installed): Promise<Database> {
  const folder = join(testFolder(), 'postgres');
  const settings = { wal_level: 'logical', shared_buffers: '64MB' };
  const server = await untilTestEnds(
    startPostgres({ dataDir: folder, settings, log: () => {}, ...(binaries && { binaries }) }),
  );
  await withSql(server.url, async (sql) => {
    await sql`create role app login replication password 'of the app'`;
    await sql`create database messagecore owner app`;
    const [role] = await sql`select from pg_roles where rolname = 'pg_create_subscription'`;
    // Before PostgreSQL 16 superusers alone may subscribe; that of the system, which may be older, is only left.
    if (role !== undefined) await sql`grant pg_create_subscription to app`;
    else if (binaries === undefined) await sql`alter role app superuser`;
  });
  const url = `postgres://app:of%20the%20app@127.0.0.1:${server.port}/messagecore`;
  await migrate(url);
  return { server, url };
}

export const moveFrom = (from: Database, to: Database) => ({ MC_MOVE_FROM: from.url, MC_MOVE_TO: to.url });

export async function must(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await mc(['move', ...args, '--json'], env);
  expect({ code, stderr }, `${args.join(' ')}: ${stdout}`).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

export async function follow(env: Readonly<Record<string, string>>): Promise<void> {
  await must(['prepare'], env);
  const state = async () => JSON.parse((await mc(['move', 'status', '--json'], env)).stdout) as { phase: string };
  await expect.poll(state, { interval: 500 }).toMatchObject({ phase: 'following', errors: 0 });
}

export const EQUAL = { differences: [] };

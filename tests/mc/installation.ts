import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer } from '@messagecore/dev-servers';
import postgres from 'postgres';
import { onTestFinished } from 'vitest';
import { JWT_SECRET, type System } from '../support/system.ts';

const SECRETS_KEYS = `tests:${Buffer.alloc(32, 'tests').toString('base64')}`;

/** Settings with which all is well, for the servers of a system. */
export function settingsOf(system: Pick<System, 'databaseUrl' | 'redisUrl' | 'nats'>): Record<string, string> {
  return {
    DATABASE_URL: system.databaseUrl,
    NATS_URL: system.nats.url,
    REDIS_URL: system.redisUrl,
    JWT_SECRET,
    SECRETS_KEYS,
    ADMIN_KEY: 'the operator key of the tests',
  };
}

/** Addresses of all processes, as `--services` has them. */
export const addressesOf = ({ chatServices, gateways }: Pick<System, 'chatServices' | 'gateways'>): string =>
  [...chatServices, ...gateways].map(({ url }) => url).join(',');

/** A folder of the running test that servers under other accounts can enter. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'messagecore-mc-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server that is stopped when the running test ends. */
export async function untilTestEnds<S extends Pick<DevServer, 'stop'>>(starting: Promise<S>): Promise<S> {
  const server = await starting;
  onTestFinished(() => server.stop());
  return server;
}

/** Over a connection of its own. */
export async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** `mc doctor` of PostgreSQL and of what stands in between, each broken for real. */
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import {
  cloneDatabase,
  type DevServer,
  databaseUrl,
  dropDatabase,
  ensureDatabase,
  startPgBouncer,
  startPostgres,
  startStandby,
} from '@messagecore/dev-servers';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startSystem, type System } from '../support/system.ts';
import { settingsOf, testFolder, untilTestEnds, withSql } from './installation.ts';
import { examine } from '../../services/mc/src/doctor/examine.ts';
import { readInstallation } from '../../services/mc/src/config.ts';
import { examined } from './run-mc.ts';

let system: System;
let env: Record<string, string>;

beforeAll(async () => {
  system = await startSystem({ gateways: 0, chatServices: 0 });
  env = settingsOf(system);
});
afterAll(() => system.stop());

const at = (url: string) => ({ ...env, DATABASE_URL: url });
const cure = (text: string) => expect.objectContaining({ state: 'fault', cure: expect.stringContaining(text) });

/** A database like the system's, of the running test. */
async function database(change?: (sql: Sql) => Promise<unknown>): Promise<string> {
  const url = await cloneDatabase(databaseUrl(env['DATABASE_URL']!, 'postgres'), 'messagecore_template');
  onTestFinished(() => dropDatabase(url));
  if (change !== undefined) await withSql(url, change);
  return url;
}

test('a wrong password, a database that does not exist, a server that is not there', async () => {
  const url = new URL(env['DATABASE_URL']!);
  const wrong = Object.assign(new URL(url), { password: 'wrong' }).href;
  expect((await examined(at(wrong))).get('postgres-password')).toEqual(cure('DATABASE_URL'));
  expect((await examined(at(databaseUrl(url.href, 'nowhere')))).get('postgres-database')).toEqual(cure('createdb'));
  const nobody = Object.assign(new URL(url), { port: '1' }).href;
  expect((await examined(at(nobody))).get('postgres-unreachable')).toEqual(cure('start it'));
});

test('a schema that is missing, too old, or newer', async () => {
  const name = `empty_${process.pid}`;
  const empty = await ensureDatabase(databaseUrl(env['DATABASE_URL']!, 'postgres'), name);
  onTestFinished(() => dropDatabase(empty));
  expect((await examined(at(empty))).get('schema-missing')).toEqual(cure('migrate.ts'));
  const old = await database((sql) => sql`delete from drizzle.__drizzle_migrations where created_at > 1796000000000`);
  expect((await examined(at(old))).get('schema-old')).toEqual(cure('migrate.ts'));
  const newer = await database(
    (sql) => sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('', 1999000000000)`,
  );
  expect((await examined(at(newer))).get('schema-new')).toMatchObject({ state: 'warning' });
});

test('a database that takes no writes', async () => {
  const url = await database();
  const name = new URL(url).pathname.slice(1);
  await withSql(url, (sql) => sql.unsafe(`alter database "${name}" set default_transaction_read_only = on`));
  expect((await examined(at(url))).get('postgres-read-only')).toEqual(cure('reset'));
});

test('a role that may not read all: what it may is examined, and what it may not is named', async () => {
  const url = await database(async (sql) => {
    await sql`insert into jobs (tenant_id, kind, payload, run_at) values (gen_random_uuid(), 'mail', '{}', now())`;
    await sql`create role reader login password 'reads'`;
  });
  onTestFinished(() => withSql(env['DATABASE_URL']!, (sql) => sql`drop role reader`).then(() => {}));
  const name = new URL(url).pathname.slice(1);
  await withSql(url, (sql) => sql.unsafe(`alter database "${name}" set default_transaction_read_only = on`));
  const findings = await examine(
    readInstallation({}, at(Object.assign(new URL(url), { username: 'reader', password: 'reads' }).href)),
  );
  const told = findings.flatMap(({ about, id }) => (id === undefined ? [] : [`${about}: ${id}`]));
  expect(told).toEqual(expect.arrayContaining(['schema: not-examined', 'outbox: not-examined']));
  expect(told).toContain('PostgreSQL: postgres-read-only');
  expect(told.join()).not.toContain('postgres-unreachable');
});

test('an outbox that grows while no relay is at work, and jobs that nobody does', async () => {
  const url = await database(async (sql) => {
    await sql`insert into outbox (topic, created_at, conversation_ids, firsts, lasts)
      values ('msg', now() - interval '1 hour', array[gen_random_uuid()], array[1], array[1])`;
    await sql`insert into jobs (tenant_id, kind, payload, run_at)
      values (gen_random_uuid(), 'mail', '{}', now() - interval '1 hour')`;
  });
  const found = await examined(at(url));
  expect(found.get('outbox-no-relay')).toEqual(cure('role relay'));
  expect(found.get('jobs-late')).toEqual(cure('role jobs'));
});

test('a key that secrets in the database are encrypted with, and that the ring lacks', async () => {
  const url = await database(
    (sql) => sql`insert into tenants (id, name, subdomain, plan, status, jwt_secret_sealed, created_at, updated_at)
      values (gen_random_uuid(), 'Acme', 'acme', 'pro', 'active', 'lost.AAAA', now(), now())`,
  );
  expect((await examined(at(url))).get('secrets-key')).toEqual(cure('SECRETS_KEYS'));
});

test('a server with few connections, without fsync, with a WAL that allows no backups; and one that nothing archives', async () => {
  const weak = { max_connections: 20, wal_level: 'minimal', max_wal_senders: 0, fsync: 'off' };
  const server = await untilTestEnds(
    startPostgres({ dataDir: join(testFolder(), 'weak'), durable: false, settings: weak, log: () => {} }),
  );
  const url = await ensureDatabase(server.url, 'messagecore');
  await migrate(url);
  const found = await examined(at(url), { backup: testFolder() });
  expect(found.get('postgres-connections')).toEqual(cure('max_connections'));
  expect(found.get('postgres-durability')).toEqual(cure('postgresql.conf'));
  expect(found.get('backup-wal-level')).toEqual(cure('wal_level = replica'));
  expect((await examined(env, { backup: testFolder() })).get('backup-no-archive')).toEqual(cure('mc archive'));
});

test('a standby', async () => {
  const folder = testFolder();
  const options = { durable: false, log: () => {} };
  const primary = await untilTestEnds(startPostgres({ ...options, dataDir: join(folder, 'primary') }));
  const url = await ensureDatabase(primary.url, 'messagecore');
  await migrate(url);
  const standby = await untilTestEnds(startStandby(primary, { ...options, dataDir: join(folder, 'standby') }));
  expect((await examined(at(databaseUrl(standby.url, 'messagecore')))).get('postgres-standby')).toEqual(
    cure('primary'),
  );
});

test('PgBouncer in statement mode, and one that drops what sessions ask for', async () => {
  const pooler = (settings: Record<string, string>): Promise<DevServer> =>
    untilTestEnds(
      startPgBouncer({ dataDir: testFolder(), databaseUrl: env['DATABASE_URL']!, settings, log: () => {} }),
    );
  const byStatements = await pooler({ pool_mode: 'statement' });
  const found = await examined({ ...at(byStatements.url), DATABASE_POOLED: 'true' });
  expect(found.get('pooler-statement-mode')).toEqual(cure('pool_mode = transaction'));
  const byTransactions = await pooler({});
  expect((await examined(at(byTransactions.url))).get('pooler-startup')).toEqual(cure('DATABASE_POOLED=true'));
  const dropping = await pooler({
    ignore_startup_parameters:
      'statement_timeout,lock_timeout,idle_in_transaction_session_timeout,array_nulls,default_transaction_isolation,enable_seqscan,jit',
  });
  expect((await examined(at(dropping.url))).get('pooler-settings')).toEqual(cure('DATABASE_POOLED=true'));
});

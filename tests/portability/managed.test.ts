/**
 * PostgreSQL as providers sell it: its superuser is theirs, what may be installed is on their list, connections come over TLS
 * or not at all, are few, and come by way of a pooler; settings of sessions are theirs. The product is migrated, started,
 * used, restarted and examined there.
 */
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import { type DevServer, startPgBouncer, startPostgres, waitUntil } from '@messagecore/dev-servers';
import { must } from '@messagecore/testkit';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { examined } from '../mc/run-mc.ts';
import { settingsOf } from '../mc/installation.ts';
import { newRoom, range } from '../support/room.ts';
import { startSystem } from '../support/system.ts';
import { type Certificates, makeCertificates } from './certificates.ts';

const PASSWORD = 'of-the-customer';
/** What the customer's role may open, the pooler's share of it, and what is left for migrations. */
const CONNECTIONS = 18;
const POOL = 15;

let dir: string;
let certificates: Certificates;
let server: DevServer;
let pooler: DevServer;
/** Of the customer, directly and by way of the pooler, over TLS that is verified. */
let direct: string;
let pooled: string;

const verified = (url: string) => `${url}?sslmode=verify-full&sslrootcert=${certificates.authority}`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'messagecore-managed-'));
  chmodSync(dir, 0o755);
  certificates = await makeCertificates(dir);
  const access = join(dir, 'pg_hba.conf');
  // The first line is the provider's own.
  writeFileSync(access, 'host all postgres 127.0.0.1/32 scram-sha-256\nhostssl all all all scram-sha-256\n', {
    mode: 0o644,
  });
  server = await startPostgres({
    dataDir: join(dir, 'postgres'),
    settings: {
      ...{ ssl: 'on', ssl_cert_file: certificates.certificate, ssl_key_file: certificates.key, hba_file: access },
      ...{ max_connections: 25, superuser_reserved_connections: 3, wal_level: 'logical', shared_buffers: '64MB' },
    },
    log: () => {},
  });
  await asProvider(server.url, [
    `create role customer login password '${PASSWORD}' connection limit ${CONNECTIONS} nosuperuser nocreaterole nocreatedb`,
    'create database chat owner customer',
    "alter role customer set statement_timeout = '2min'",
    "alter role customer set idle_in_transaction_session_timeout = '10min'",
    "alter database chat set default_transaction_isolation = 'repeatable read'",
    "alter database chat set timezone = 'America/New_York'",
    "alter database chat set lock_timeout = '1min'",
    'revoke all on database postgres, template1 from public',
  ]);
  await asProvider(server.url.replace(/\/postgres$/, '/chat'), [ALLOW_LIST]);
  direct = verified(`postgres://customer:${PASSWORD}@localhost:${server.port}/chat`);
  const keyOfPooler = join(dir, 'pooler.key');
  copyFileSync(certificates.key, keyOfPooler);
  // Root's PgBouncer reads it as another account.
  chmodSync(keyOfPooler, 0o644);
  pooler = await startPgBouncer({
    dataDir: join(dir, 'pooler'),
    databaseUrl: `postgres://customer:${PASSWORD}@127.0.0.1:${server.port}/chat`,
    poolSize: POOL,
    tls: { ...certificates, key: keyOfPooler },
    settings: { query_wait_timeout: 20 },
  });
  pooled = verified(`postgres://customer@localhost:${pooler.port}/chat`);
});

afterAll(async () => {
  await pooler?.stop();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** As Azure refuses what is not on the list of `azure.extensions`: by an error of this code. */
const ALLOW_LIST = `
  create function refuse_extensions() returns event_trigger language plpgsql as $$
  begin
    if not pg_catalog.pg_has_role(session_user, 'postgres', 'member') then
      raise exception 'extension is not allow-listed' using errcode = 'feature_not_supported';
    end if;
  end $$;
  create event trigger allow_list on ddl_command_start when tag in ('CREATE EXTENSION') execute function refuse_extensions()`;

async function asProvider(url: string, statements: readonly string[]): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const statement of statements) await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

test('the imitation is one: no connection in clear, no superuser, no extension', async () => {
  const plain = postgres(direct.replace(/\?.*/, ''), { max: 1, ssl: false, onnotice: () => {} });
  onTestFinished(() => plain.end({ timeout: 5 }));
  await expect(plain`select 1`).rejects.toMatchObject({ code: '28000' });
  const sql = postgres(direct.replace(/\?.*/, ''), { max: 1, ssl: 'require', onnotice: () => {} });
  onTestFinished(() => sql.end({ timeout: 5 }));
  expect(await sql`select rolsuper, rolcreaterole, rolreplication from pg_roles where rolname = current_user`).toEqual([
    { rolsuper: false, rolcreaterole: false, rolreplication: false },
  ]);
  await expect(sql`create extension pg_trgm`).rejects.toMatchObject({ code: '0A000' });
  await expect(sql`alter system set work_mem = '1GB'`).rejects.toMatchObject({ code: '42501' });
});

test('the product is migrated, started, used and restarted there, and found well', async () => {
  await migrate(direct);
  const system = await startSystem({
    gateways: 1,
    chatServices: 1,
    chatService: { databaseUrl: pooled, databasePooled: true, databasePoolSize: 4 },
  });
  onTestFinished(() => system.stop());

  // Given a room with history, of more than one writer at a time.
  const { cid, tenant, users } = await newRoom(system, 'ann', 'bob');
  const [ann, bob] = [await system.connect(users.ann), await system.connect(users.bob)];
  await bob.join(cid);
  const sent = await Promise.all(range(1, 40).map((n) => ann.sayAndWait(cid, `message ${n}`)));
  const head = Math.max(...sent);
  expect(new Set(sent).size).toBe(40);
  await bob.record.next('message', { cid, seq: head });
  const history = async (api: string) =>
    (
      await must<{ items: { seq: number; body: { text?: string } }[] }>(
        'GET',
        `${api}/v1/conversations/${cid}/messages?since=0&limit=100`,
        { headers: users.bob.auth },
      )
    ).items.map(({ seq, body }) => [seq, body.text]);
  const before = await history(system.api);
  expect(before.length).toBeGreaterThanOrEqual(40);
  // Without pg_trgm users are found all the same.
  expect(await must('GET', `${system.api}/v1/users?q=bob`, { headers: { 'x-api-key': tenant.apiKey } })).toMatchObject({
    items: [expect.objectContaining({ userId: users.bob.userId })],
  });

  // When the provider restarts its servers, and the operator the service.
  await pooler.stop();
  await server.restart();
  await pooler.restart();
  await system.chatServices[0]!.stop();
  const again = await system.addChatService({ databaseUrl: pooled, databasePooled: true });

  // Then all of it is there, and goes on: a busy machine may not answer in time at first.
  await waitUntil('the history to be read', async () => {
    const after = await history(again.url).catch((error: Error) => error.message);
    if (typeof after === 'string' && after.includes('503')) return false;
    expect(after).toEqual(before);
    return true;
  });
  expect(await ann.sayAndWait(cid, 'after it')).toBe(head + 1);
  await bob.record.next('message', { cid, seq: head + 1 });
  const env = { ...settingsOf(system), DATABASE_URL: pooled, DATABASE_POOLED: 'true', DATABASE_POOL_SIZE: '4' };
  const found = await examined(env, { services: again.url });
  expect([...found.values()].filter(({ about }) => /PostgreSQL|PgBouncer|schema/.test(about))).toEqual([]);
});

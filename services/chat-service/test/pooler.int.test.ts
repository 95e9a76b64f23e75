/** Behind PgBouncer in transaction mode: what a session asks for is lost there, so it goes with every transaction. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer, startPgBouncer } from '@messagecore/dev-servers';
import { deferred } from '@messagecore/kernel';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { checkSession } from '../src/platform/database/check-session.ts';
import { openStore, type Store, type StoreOptions } from '../src/platform/database/connect.ts';
import { changeMessages } from '../src/core/messages/change-message.ts';
import { createDatabase, createRoom, messageTo, newAppender, type TestDatabase } from './rooms.ts';

// Servers are started, copied and stopped here.
vi.setConfig({ testTimeout: 180_000 });

const AGAIN = { timeout: 60_000, interval: 100 };

let database: TestDatabase;
let pooler: DevServer;
let dir: string;

beforeAll(async () => {
  database = await createDatabase();
  // Whatever the database's own settings are.
  const name = new URL(database.url).pathname.slice(1);
  for (const setting of [
    "default_transaction_isolation = 'repeatable read'",
    "timezone = 'Asia/Shanghai'",
    "datestyle = 'German'",
    'array_nulls = off',
  ])
    await database.store.sql.unsafe(`alter database "${name}" set ${setting}`);
  dir = await mkdtemp(join(tmpdir(), 'pooler-'));
  await chmod(dir, 0o755);
  pooler = await startPgBouncer({ dataDir: dir, databaseUrl: database.url, poolSize: 8 });
});

afterAll(async () => {
  await pooler?.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

function opened(options: Partial<StoreOptions> = {}): Store {
  const store = openStore({ url: pooler.url, pooled: true, ...options });
  onTestFinished(() => store.close());
  return store;
}

test.each([
  ['directly', () => database.open()],
  ['through the pooler', () => opened()],
])('%s: the settings that statements depend on are in force, whatever the database has', async (_, open) => {
  expect(await checkSession(open())).toEqual(expect.any(Array));
});

test('a pooler that drops the settings is found out at start', async () => {
  const other = await mkdtemp(join(tmpdir(), 'pooler-'));
  await chmod(other, 0o755);
  const ignored =
    'statement_timeout,lock_timeout,idle_in_transaction_session_timeout,default_transaction_isolation,array_nulls,enable_seqscan,jit';
  const settings = { ignore_startup_parameters: ignored };
  const careless = await startPgBouncer({ dataDir: other, databaseUrl: database.url, settings });
  onTestFinished(async () => {
    await careless.stop();
    await rm(other, { recursive: true, force: true });
  });
  const store = openStore({ url: careless.url });
  onTestFinished(() => store.close());
  await expect(checkSession(store)).rejects.toThrow('DATABASE_POOLED');
});

test.each([
  ['directly', () => [database.open(), database.open()]],
  ['through the pooler', () => [opened(), opened()]],
] as const)('%s: two writers of one room, in a database that is `repeatable read` by itself', async (_, open) => {
  const stores = open();
  const room = await createRoom(stores[0]!);
  const outcomes = await Promise.all(
    stores.flatMap((store) => {
      const appender = newAppender(store);
      return Array.from({ length: 50 }, () => appender.append(messageTo(room)).then(({ seq }) => seq, String));
    }),
  );
  expect(outcomes.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 100 }, (_each, n) => n + 1));
  const { tid, cid, users } = room;
  const edit = (text: string) => ({ tid, cid, uid: users[0]!, seq: 1, change: { t: 'edit', body: { text } } }) as const;
  const edits = stores.flatMap((store) =>
    Array.from({ length: 10 }, (_each, n) => changeMessages({ sql: store.sql, publish: () => {} }, [edit(`${n}`)])),
  );
  const revs = (await Promise.all(edits)).flat().map((outcome) => ('rev' in outcome ? outcome.rev : outcome.code));
  expect(new Set(revs)).toEqual(new Set(Array.from({ length: Math.max(...revs.map(Number)) }, (_each, n) => n + 1)));
});

test('statements with and without parameters that share one connection are all answered', async () => {
  const { sql } = opened({ poolSize: 1 });
  await sql`select`;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_each, n) => (n % 2 === 0 ? sql`select ${n}::int as n` : sql`select pg_sleep(0.001)`)),
  );
  expect(answers.map(([row]) => row?.['n'] as number | undefined)).toEqual(
    Array.from({ length: 20 }, (_each, n) => (n % 2 === 0 ? n : undefined)),
  );
});

test('a process that hangs inside a transaction does not close the room', async () => {
  const [hanging, other] = [opened(), opened()];
  const room = await createRoom(other);
  const [locked, gate] = [deferred(), deferred()];
  const hang = hanging.sql.begin(async (tx) => {
    await tx`select from conversations where conversation_id = ${room.cid} for update`;
    locked.resolve();
    await gate.promise;
  });
  hang.catch(() => {});
  await locked.promise;
  const appender = newAppender(other);
  await vi.waitUntil(
    () =>
      appender.append(messageTo(room)).then(
        () => true,
        () => false,
      ),
    AGAIN,
  );
  gate.resolve();
  await expect(hang).rejects.toMatchObject({ code: expect.any(String) });
  expect(await hanging.sql`select 1 as n`).toEqual([{ n: 1 }]);
});

test('a statement that is too long is cancelled, and one that waits for a row gives up', async () => {
  const store = opened({ statementTimeoutMs: 300 });
  await expect(store.sql`select pg_sleep(${30})`).rejects.toMatchObject({ code: '57014' });
  await expect(store.sql.begin((tx) => tx`select pg_sleep(30)`)).rejects.toMatchObject({ code: '57014' });
  const [holder, waiter] = [opened(), opened()];
  const room = await createRoom(holder);
  await holder.sql.begin(async (tx) => {
    await tx`select from conversations where conversation_id = ${room.cid} for update`;
    const touch = waiter.sql`update conversations set name = 'N' where conversation_id = ${room.cid}`;
    // Asked now and then, so that it is not the holder that idles for too long.
    const busy = setInterval(() => void tx`select 1`.catch(() => {}), 500);
    await expect(touch).rejects.toMatchObject({ code: '55P03' });
    clearInterval(busy);
  });
});

test('connections of the pooler that began while the database was read-only do not stay so', async () => {
  const store = opened();
  const room = await createRoom(store);
  const appender = newAppender(store);
  const send = () =>
    appender.append(messageTo(room)).then(
      () => 'stored',
      (error: { code: string }) => error.code,
    );
  const name = new URL(database.url).pathname.slice(1);
  const operator = postgres(database.url, { max: 1, onnotice: () => {} });
  onTestFinished(() => operator.end());
  await operator.unsafe(`alter database "${name}" set default_transaction_read_only = on`);
  await operator`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`;
  const readOnly = () =>
    store.sql`show transaction_read_only`.then(
      ([row]) => row?.['transaction_read_only'] === 'on',
      () => false,
    );
  await vi.waitUntil(readOnly, AGAIN);
  expect(await send()).toBe('unavailable');
  await operator.unsafe(`set default_transaction_read_only = off`);
  await operator.unsafe(`alter database "${name}" reset default_transaction_read_only`);
  await vi.waitUntil(
    async () => (await Promise.all([send(), send(), send()])).every((each) => each === 'stored'),
    AGAIN,
  );
});

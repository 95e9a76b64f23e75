/** The patched client library against connections that PostgreSQL closes at the worst moments. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { seededRandom, TcpProxy } from '@messagecore/testkit';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { testServers } from '../../../test/config.ts';
import { openStore, type Sql, type Store, type Transaction } from './connect.ts';
import { checkPatched, type Driver, loadDriver } from './driver.ts';

let operator: Store;
let store: Store;

beforeAll(() => {
  const { postgresUrl: url } = testServers();
  operator = openStore({ url, poolSize: 1, applicationName: 'operator' });
  store = openStore({ url, poolSize: 1, applicationName: 'victim' });
});
afterAll(() => Promise.all([operator.close(), store.close()]));

const terminate = () =>
  operator.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'`;
const victims = async () => (await operator.sql`select from pg_stat_activity where application_name = 'victim'`).length;

test('a statement of a transaction whose connection is gone fails, and the process lives', async () => {
  let late: Promise<unknown> | undefined;
  const transaction = store.sql.begin(async (tx) => {
    await tx`select 1`;
    await terminate();
    await vi.waitUntil(async () => (await victims()) === 0, { timeout: 30_000 });
    // The library learns of it in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve, 50));
    late = tx`select 2`.catch((error: unknown) => error);
    await late;
  });
  await expect(transaction).rejects.toMatchObject({
    code: expect.stringMatching(/CONNECTION_CLOSED|57P01|ECONNRESET/) as string,
  });
  await vi.waitUntil(() => late !== undefined, { timeout: 30_000 });
  expect(await late).toMatchObject({ code: 'CONNECTION_CLOSED' });
  expect(await store.sql`select 3 as answer`).toEqual([{ answer: 3 }]);
});

test('a transaction that goes on after its connection is gone says nothing over the one that is made in its place', async () => {
  const url = new URL(testServers().postgresUrl);
  const proxy = await TcpProxy.start({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const pool = openStore({ url: url.href, poolSize: 1 });
  onTestFinished(async () => {
    await pool.close();
    await proxy.stop();
  });
  const gone = Promise.withResolvers<void>();
  const isRemade = Promise.withResolvers<void>();
  let late: unknown;
  const transaction = pool.sql
    .begin(async (tx) => {
      await tx`select 1`;
      gone.resolve();
      await isRemade.promise;
      late = await tx`select 'late' as answer from generate_series(1, ${2}::int)`.catch((error: unknown) => error);
    })
    .catch((error: unknown) => error);
  await gone.promise;
  proxy.cut();
  expect(await transaction).toMatchObject({ code: 'CONNECTION_CLOSED' });
  // Connected again, and not yet let in by the server.
  proxy.set({ delayMs: 300 });
  const asked = pool.sql`select 'asked' as answer, ${1}::int as n`;
  void asked.execute();
  await vi.waitUntil(() => proxy.connections === 1, { timeout: 30_000 });
  isRemade.resolve();
  expect(await asked).toEqual([{ answer: 'asked', n: 1 }]);
  proxy.set({});
  for (const n of [2, 3, 4]) {
    expect(await pool.sql`select 'next' as answer, ${n}::int as n`).toEqual([{ answer: 'next', n }]);
  }
  expect(late).toMatchObject({ code: 'CONNECTION_CLOSED' });
});

test('a connection that answered one of two statements and then goes silent is broken', async () => {
  const url = new URL(testServers().postgresUrl);
  const proxy = await TcpProxy.start({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const pool = openStore({ url: url.href, poolSize: 1, statementTimeoutMs: 500 });
  onTestFinished(async () => {
    await pool.close();
    await proxy.stop();
  });
  await pool.sql`select`;
  const first = pool.sql`select pg_sleep(0.05)`.execute();
  const second = pool.sql`select pg_sleep(0.3)`.catch((error: unknown) => error);
  await first;
  proxy.set({ silent: true });
  expect(await second).toMatchObject({ code: 'ETIMEDOUT' });
});

test('a connection that is closed while something is about to be written serves again', async () => {
  for (let round = 0; round < 20; round += 1) {
    const last = store.sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => {});
    const next = last.then(() => store.sql`select 1`.catch(() => {}));
    await Promise.all([last, next]);
    expect(await store.sql`select ${round}::int as answer`).toEqual([{ answer: round }]);
  }
});

test('a statement given to a connection that is failing fails with it, and is not taken for done', async () => {
  // `connection reset` reaches the library before `close` does; what is asked in between must not be lost.
  const sockets: Socket[] = [];
  const url = testServers().postgresUrl;
  const { hostname: host, port } = new URL(url);
  const sql = loadDriver()(url, {
    max: 1,
    onnotice: () => {},
    socket: () => {
      const socket = connect({ host, port: Number(port) });
      sockets.push(socket);
      return socket;
    },
  } as postgres.Options<Record<string, never>>);
  onTestFinished(() => sql.end({ timeout: 1 }));
  await sql`select 1`;
  const [socket] = sockets;
  const between = new Promise<unknown>((resolve) => {
    socket?.once('error', () =>
      resolve(
        sql`select 5 as answer`.then(
          (rows) => [...rows],
          (error: unknown) => error,
        ),
      ),
    );
  });
  socket?.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  const answer = await between;
  if (Array.isArray(answer)) expect(answer).toEqual([{ answer: 5 }]);
  else expect(answer).toMatchObject({ code: expect.stringMatching(/CONNECTION_CLOSED|ECONNRESET/) as string });
  expect(await sql`select 6 as answer`).toEqual([{ answer: 6 }]);
});

test('the answer after a statement that failed half way begins at its beginning', async () => {
  const failing = store.sql`select 1 / (n - 3000) from generate_series(1, 4000) as n`;
  await expect(failing).rejects.toThrow('division by zero');
  expect(await store.sql`select 7 as answer`).toEqual([{ answer: 7 }]);
});

test('a session that is left inside a transaction, a failed one too, is not used on', async () => {
  const pid = async () => (await store.sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid;
  for (const left of ['begin', 'begin; select 1 / 0']) {
    const before = await pid();
    await store.sql.unsafe(left).catch(() => {});
    const after = await vi.waitUntil(() => pid().catch(() => undefined), 30_000);
    expect(after).not.toBe(before);
    expect(
      (await operator.sql`select from pg_stat_activity where pid = ${before!} and xact_start is not null`).length,
    ).toBe(0);
  }
});

test('connections that break all the time cost answers, but give no wrong ones and nobody waits for ever', async () => {
  const url = new URL(testServers().postgresUrl);
  const proxy = await TcpProxy.start({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const pool = openStore({ url: url.href });
  onTestFinished(async () => {
    await pool.close();
    await proxy.stop();
  });
  const random = seededRandom(1);
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const results = { right: 0, wrong: 0, failed: 0 };
  const isDone = () => Math.min(results.right, results.failed) >= 200;
  const ask = async (sql: Sql | Transaction, n: number) => {
    const rows = await sql`select ${n}::int as n from generate_series(1, 3)`;
    results[rows.length === 3 && rows.every((row) => row['n'] === n) ? 'right' : 'wrong'] += 1;
  };
  const worker = async (n: number) => {
    for (let turn = n; !isDone(); turn += 100) {
      const work = n % 2 === 0 ? ask(pool.sql, turn) : pool.sql.begin((tx) => ask(tx, turn));
      await work.catch(() => sleep(5).then(() => (results.failed += 1)));
    }
  };
  const cut = async () => {
    while (!isDone()) {
      proxy.set({ refuse: true });
      proxy.cut();
      await sleep(random() * 100);
      proxy.set({});
      await sleep(random() * 200);
    }
  };
  // What nobody handles ends the process; here it fails the run.
  await Promise.all([cut(), ...Array.from({ length: 16 }, (_, n) => worker(n))]);
  expect(results).toMatchObject({ wrong: 0 });
});

test('a connection that breaks while it asks for the types of arrays fails its query alone', async () => {
  const url = new URL(testServers().postgresUrl);
  const sockets: Socket[] = [];
  const sql = loadDriver()(url.href, {
    max: 1,
    onnotice: () => {},
    socket: () => {
      const socket = connect({ host: url.hostname, port: Number(url.port) });
      sockets.push(socket);
      if (sockets.length > 1) return socket;
      // The question that the library asks of its own accord.
      const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
      socket.write = (chunk: Uint8Array | string, ...rest: unknown[]) => {
        if (!Buffer.from(chunk).includes('pg_catalog.pg_type')) return write(chunk, ...rest);
        socket.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
        return false;
      };
      return socket;
    },
  } as postgres.Options<Record<string, never>>);
  onTestFinished(() => sql.end({ timeout: 1 }));
  // What nobody handles ends the process; here it fails the run.
  await expect(sql`select 1`).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(await sql`select 2 as answer`).toEqual([{ answer: 2 }]);
  expect(sockets).toHaveLength(2);
});

test('what a server says before it closes is not said of the next connection, which knows the types of arrays', async () => {
  await store.sql`select 1`;
  const asked = store.sql`select pg_sleep(60)`.catch((error: unknown) => error);
  await vi.waitUntil(
    async () =>
      (await operator.sql`select from pg_stat_activity where application_name = 'victim' and wait_event = 'PgSleep'`)
        .length === 1,
    { timeout: 30_000 },
  );
  await terminate();
  expect(await asked).toMatchObject({ code: expect.stringMatching(/CONNECTION_CLOSED|57P01/) as string });
  expect(await store.sql`select array['a', 'b'] as letters`).toEqual([{ letters: ['a', 'b'] }]);
});

test('a library without the patch, or with another one, is refused', () => {
  expect(() => checkPatched({} as Driver)).toThrow('is not patched: run "npx patch-package"');
  expect(() => checkPatched({ messagecorePatch: 0 } as unknown as Driver)).toThrow('has patch 0 instead of');
  const root = join(import.meta.dirname, '../../../../..');
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/postgres/package.json'), 'utf8')) as {
    version: string;
  };
  const [, number] = /^\+ {2}messagecorePatch: (\d+),$/m.exec(
    readFileSync(join(root, `patches/postgres+${version}.patch`), 'utf8'),
  )!;
  expect(() => checkPatched({ messagecorePatch: Number(number) } as unknown as Driver)).not.toThrow();
});

/** Servers that take no writes for a while: nothing is stored then, and everything is again when it is over, by itself. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer, startPostgres, startStandby } from '@messagecore/dev-servers';
import postgres from 'postgres';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openStore, type Store } from '../src/platform/database/connect.ts';
import { migrate } from '../src/platform/database/migrations.ts';
import { movingAddress } from './moving-address.ts';
import { createTestTenant } from './people.ts';
import { createDatabase, createRoom, messageTo, newAppender, type Room } from './rooms.ts';
import { startTestService } from './service.ts';

// Servers are started, copied and stopped here.
vi.setConfig({ testTimeout: 180_000 });

const AGAIN = { timeout: 60_000, interval: 100 };

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'failover-'));
  await chmod(dir, 0o755);
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function opened(url: string): Store {
  const store = openStore({ url });
  onTestFinished(() => store.close());
  return store;
}

/** What a send says: `stored`, or the code of its refusal. */
async function send(store: Store, room: Room): Promise<string> {
  return newAppender(store)
    .append(messageTo(room))
    .then(
      () => 'stored',
      (error: { code: string }) => error.code,
    );
}

const sendsAll = async (store: Store, room: Room) =>
  (await Promise.all(Array.from({ length: 4 }, () => send(store, room)))).every((outcome) => outcome === 'stored');

test('sessions that began while the database was read-only do not stay so', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const { store, url } = database;
  const room = await createRoom(store);
  const name = new URL(url).pathname.slice(1);
  const operator = postgres(url, { max: 1, onnotice: () => {} });
  onTestFinished(() => operator.end());
  await operator.unsafe(`alter database "${name}" set default_transaction_read_only = on`);
  await operator`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'chat-service' and datname = ${name}`;
  await vi.waitUntil(
    async () => (await store.sql`show default_transaction_read_only`.catch(() => [])).length > 0,
    AGAIN,
  );
  for (let n = 0; n < 20; n += 1) expect(await send(store, room)).toBe('unavailable');
  const change = () => store.sql`update tenants set name = 'N' where id = ${room.tid}`;
  await expect(change()).rejects.toMatchObject({ code: '25006' });

  await operator.unsafe('set default_transaction_read_only = off');
  await operator.unsafe(`alter database "${name}" reset default_transaction_read_only`);

  await vi.waitUntil(() => sendsAll(store, room), AGAIN);
  await vi.waitUntil(
    () =>
      Promise.all(Array.from({ length: 20 }, change)).then(
        () => true,
        () => false,
      ),
    AGAIN,
  );
});

test('a server that an operator stops from writing takes writes again as soon as he lets it', async () => {
  const server = await startPostgres({ dataDir: await folder(), durable: false, log: () => {} });
  onTestFinished(() => server.stop());
  await migrate(server.url);
  const store = opened(server.url);
  const room = await createRoom(store);
  const operator = postgres(server.url, { max: 1, onnotice: () => {} });
  onTestFinished(() => operator.end());
  const readOnly = async (on: boolean) => {
    await operator.unsafe(`set default_transaction_read_only = off`);
    await operator.unsafe(`alter system set default_transaction_read_only = ${on ? 'on' : 'off'}`);
    await operator`select pg_reload_conf()`;
  };
  await readOnly(true);
  await vi.waitUntil(async () => (await send(store, room)) === 'unavailable', AGAIN);
  await readOnly(false);
  await expect.poll(() => sendsAll(store, room), AGAIN).toBe(true);
});

/** A primary with the schema, and a standby that streams from it. */
async function pair(): Promise<{ primary: DevServer; standby: DevServer }> {
  const settings = { wal_keep_size: '64MB' };
  const primary = await startPostgres({ dataDir: await folder(), durable: false, settings, log: () => {} });
  onTestFinished(() => primary.stop());
  await migrate(primary.url);
  const standby = await startStandby(primary, { dataDir: await folder(), durable: false, log: () => {} });
  onTestFinished(() => standby.stop());
  return { primary, standby };
}

test('an address that led to a standby for a while leads to the primary again, reads too', async () => {
  const { primary, standby } = await pair();
  const room = await createRoom(opened(primary.url));
  const address = await movingAddress(standby.port);
  const url = new URL(primary.url);
  url.port = String(address.port);
  const store = opened(url.href);
  await vi.waitUntil(async () => (await store.sql`select from conversations`.catch(() => [])).length > 0, AGAIN);
  expect(await send(store, room)).toBe('unavailable');
  // Each of its connections has been to the standby.
  await Promise.all(Array.from({ length: 10 }, () => store.sql`select pg_sleep(0.1)`));

  address.moveTo(primary.port);

  await vi.waitUntil(() => sendsAll(store, room), AGAIN);
  await vi.waitUntil(async () => {
    const rows = await Promise.all(
      Array.from(
        { length: 10 },
        () => store.sql<{ standby: boolean }[]>`select pg_is_in_recovery() as standby, pg_sleep(0.1)`,
      ),
    );
    return rows.every(([row]) => row?.standby === false);
  }, AGAIN);
});

test('of several hosts the one that takes writes is found, also after it has changed', async () => {
  const { primary, standby } = await pair();
  const { username, password } = new URL(primary.url);
  const url = `postgres://${username}:${password}@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/postgres`;
  const store = opened(url);
  const room = await createRoom(store);
  expect(await send(store, room)).toBe('stored');
  const operator = postgres(standby.url, { max: 1, onnotice: () => {} });
  onTestFinished(() => operator.end());
  const conversations = async () => (await operator`select from messages`).length;
  await vi.waitUntil(async () => (await conversations()) === 1, AGAIN);

  await primary.kill();
  expect(await send(store, room)).toBe('unavailable');
  await operator`select pg_promote()`;

  await vi.waitUntil(() => sendsAll(store, room), AGAIN);
});

test('a host that takes connections and says nothing over them is passed over', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const { store: known, url } = database;
  const room = await createRoom(known);
  const sockets = new Set<Socket>();
  const hanging = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((listening) => hanging.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    hanging.close();
  });
  const { host } = new URL(url);
  const port = (hanging.address() as AddressInfo).port;

  const store = openStore({ url: url.replace(host, `127.0.0.1:${port},${host}`), connectTimeoutMs: 300 });
  onTestFinished(() => store.close());

  await vi.waitUntil(async () => (await send(store, room)) === 'stored', AGAIN);
  const asked = sockets.size;
  expect(await sendsAll(store, room)).toBe(true);
  expect(sockets.size).toBe(asked);
});

test('several hosts of which none takes writes: refused with the reason, not waited for; `any` reads', async () => {
  const { primary, standby } = await pair();
  await primary.kill();
  const { username, password } = new URL(primary.url);
  const hosts = `postgres://${username}:${password}@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/postgres`;
  await expect(opened(hosts).sql`select 1`).rejects.toMatchObject({
    code: expect.stringMatching(/25006|ECONN/) as string,
  });
  expect(await opened(`${hosts}?target_session_attrs=any`).sql`select 1 as n`).toEqual([{ n: 1 }]);
});

test('[OPS-2] health and readiness ask whether the database takes writes', async () => {
  const house = await startTestService();
  onTestFinished(() => house.stop());
  const alice = await (await createTestTenant(house)).user('alice');
  const status = async (path: string) => (await house.rest.get(path)).status;
  await expect.poll(() => Promise.all([status('/health'), status('/ready')]), AGAIN).toEqual([200, 200]);
  const name = new URL(house.config.databaseUrl).pathname.slice(1);
  const operator = house.sql();
  onTestFinished(() => operator.end());
  await operator.unsafe(`alter database "${name}" set default_transaction_read_only = on`);
  await operator`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`;

  await expect.poll(() => status('/ready'), AGAIN).toBe(503);
  await expect
    .poll(async () => (await house.rest.get('/health')).body.checks.database, AGAIN)
    .toMatchObject({
      ok: false,
      latencyMs: expect.any(Number),
      error: expect.stringContaining('read-only') as string,
    });
  expect(await status('/health/simple')).toBe(200);
  // What only reads goes on.
  expect((await alice.get('/v1/users/me')).status).toBe(200);

  await operator.unsafe('set default_transaction_read_only = off');
  await operator.unsafe(`alter database "${name}" reset default_transaction_read_only`);
  await expect.poll(() => status('/health'), AGAIN).toBe(200);
  await expect.poll(() => status('/ready'), AGAIN).toBe(200);
});

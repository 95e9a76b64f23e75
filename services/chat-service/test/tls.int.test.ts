/** PostgreSQL over TLS, with a certificate of the test's own, and over IPv6. */
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer, startPostgres } from '@messagecore/dev-servers';
import { TcpProxy } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openStore, type Store, type StoreOptions } from '../src/platform/database/connect.ts';

let dir: string;
let server: DevServer;
let plain: DevServer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tls-'));
  await chmod(dir, 0o755);
  for (const name of ['server', 'stranger']) {
    const files = ['-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.crt`)];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, ...files];
    execFileSync('openssl', args, { stdio: 'ignore' });
  }
  const settings = { listen_addresses: '127.0.0.1,::1' };
  [server, plain] = await Promise.all([
    startPostgres({ dataDir: join(dir, 'tls'), durable: false, settings, log: () => {} }),
    startPostgres({ dataDir: join(dir, 'plain'), durable: false, log: () => {} }),
  ]);
  const [crt, key] = [join(dir, 'tls/cluster/server.crt'), join(dir, 'tls/cluster/server.key')];
  await copyFile(join(dir, 'server.crt'), crt);
  await cp(join(dir, 'server.key'), key);
  // The key has to belong to whoever runs PostgreSQL.
  execFileSync('chown', ['--reference', join(dir, 'tls/cluster/PG_VERSION'), crt, key]);
  await chmod(key, 0o600);
  const store = openStore({ url: server.url });
  await store.sql`alter system set ssl = on`;
  await store.sql`select pg_reload_conf()`;
  await store.close();
});

afterAll(async () => {
  await Promise.all([server?.stop(), plain?.stop()]);
  await rm(dir, { recursive: true, force: true });
});

function opened(
  to: DevServer,
  query: string,
  options: { host?: string; port?: number } & Partial<StoreOptions> = {},
): Store {
  const { password } = new URL(to.url);
  const { host = 'localhost', port = to.port, ...rest } = options;
  const store = openStore({ url: `postgres://postgres:${password}@${host}:${port}/postgres${query}`, ...rest });
  onTestFinished(() => store.close());
  return store;
}

const isEncrypted = async ({ sql }: Store) =>
  (await sql<{ ssl: boolean }[]>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`)[0]?.ssl;

test('sslmode says whether it is encrypted', async () => {
  expect(await isEncrypted(opened(server, '?sslmode=require'))).toBe(true);
  expect(await isEncrypted(opened(server, '?sslmode=prefer'))).toBe(true);
  expect(await isEncrypted(opened(server, '?sslmode=disable'))).toBe(false);
  expect(await isEncrypted(opened(plain, '?sslmode=prefer'))).toBe(false);
  await expect(isEncrypted(opened(plain, '?sslmode=require'))).rejects.toThrow('does not speak TLS');
});

test('sslmode says whether it is verified, and for which name', async () => {
  const own = `&sslrootcert=${join(dir, 'server.crt')}`;
  const others = `&sslrootcert=${join(dir, 'stranger.crt')}`;
  expect(await isEncrypted(opened(server, `?sslmode=verify-full${own}`))).toBe(true);
  await expect(isEncrypted(opened(server, `?sslmode=verify-full${others}`))).rejects.toThrow(/certificate/);
  await expect(isEncrypted(opened(server, '?sslmode=verify-full'))).rejects.toThrow(/certificate/);
  await expect(isEncrypted(opened(server, `?sslmode=verify-full${own}`, { host: '127.0.0.1' }))).rejects.toThrow(
    'does not match',
  );
  expect(await isEncrypted(opened(server, `?sslmode=verify-ca${own}`, { host: '127.0.0.1' }))).toBe(true);
});

test('IPv6, alone and behind a host that is not there', async () => {
  expect(await isEncrypted(opened(server, '?sslmode=require', { host: '[::1]' }))).toBe(true);
  const { password } = new URL(server.url);
  const store = openStore({ url: `postgres://postgres:${password}@127.0.0.1:1,[::1]:${server.port}/postgres` });
  onTestFinished(() => store.close());
  expect(await store.sql`select 1 as n`).toEqual([{ n: 1 }]);
});

test('a connection that falls silent is broken over TLS as well, and another one serves', async () => {
  const proxy = await TcpProxy.start({ host: '127.0.0.1', port: server.port });
  onTestFinished(() => proxy.stop());
  const store = opened(server, '?sslmode=require', {
    port: proxy.port,
    host: '127.0.0.1',
    statementTimeoutMs: 100,
    poolSize: 1,
  });
  expect(await isEncrypted(store)).toBe(true);
  proxy.forget();
  await expect(store.sql`select 1`).rejects.toMatchObject({
    code: 'ETIMEDOUT',
  });
  await vi.waitUntil(() => isEncrypted(store).catch(() => false), { timeout: 60_000 });
});

test('one that is idle, or answers large answers for long, is not', async () => {
  const store = opened(server, '?sslmode=require', { poolSize: 1 });
  const ask = () => store.sql`select repeat('x', 1000000) as text from generate_series(1, 20)`;
  const [before] = await store.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  for (let n = 0; n < 5; n += 1) expect(await ask()).toHaveLength(20);
  const [after] = await store.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  expect(after).toEqual(before);
});

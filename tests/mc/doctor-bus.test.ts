/** `mc doctor` of NATS and Redis, each broken for real. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  acquire,
  freePort,
  isPortFree,
  launchProcess,
  NATS,
  startNats,
  startRedis,
  tooOld,
  waitUntil,
} from '@messagecore/dev-servers';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { startRedisCluster } from '../../services/chat-service/test/redis-cluster.ts';
import { startSystem, type System } from '../support/system.ts';
import { settingsOf, testFolder, untilTestEnds } from './installation.ts';
import type { Finding } from '../../services/mc/src/doctor/finding.ts';
import { examined } from './run-mc.ts';

let system: System;
let env: Record<string, string>;

beforeAll(async () => {
  system = await startSystem({ gateways: 0, chatServices: 0 });
  env = settingsOf(system);
});
afterAll(() => system.stop());

const cure = (text: string) => expect.objectContaining({ cure: expect.stringContaining(text) });
const withNats = (url: string) => examined({ ...env, NATS_URL: url });
const withRedis = (url: string) => examined({ ...env, REDIS_URL: url });

test('NATS that is not there, and one that has no stream yet', async () => {
  expect((await withNats('nats://127.0.0.1:1')).get('nats-unreachable')).toEqual(cure('start it'));
  expect((await withNats(system.nats.url)).get('nats-no-stream')).toEqual(cure('role relay'));
});

test('NATS without JetStream, and one that wants a password', async () => {
  const { url, secured } = await plainNats();
  expect((await withNats(url)).get('nats-no-jetstream')).toEqual(cure('jetstream'));
  expect((await withNats(secured)).get('nats-access')).toEqual(cure('NATS_URL'));
});

test('NATS that has no room for the stream', async () => {
  const full = await untilTestEnds(
    startNats({ dataDir: join(testFolder(), 'nats'), maxFileStore: 1024 ** 2, log: () => {} }),
  );
  expect((await withNats(full.url)).get('nats-stream-refused')).toEqual(cure('max_file_store'));
});

test('NATS that is too old, where one can be had', async ({ skip }) => {
  const acquired = await acquire(NATS, { ways: ['apt'], log: () => {} }).catch(() => undefined);
  if (acquired === undefined || (await tooOld(acquired, NATS)) === undefined) return skip();
  const old = await untilTestEnds(startNats({ dataDir: join(testFolder(), 'nats'), acquired, log: () => {} }));
  expect((await withNats(old.url)).get('nats-old')).toEqual(cure('upgrade'));
});

test('Redis that is not there, that drops keys, whose memory is full, that wants a password', async () => {
  expect((await withRedis('redis://127.0.0.1:1')).get('redis-unreachable')).toEqual(cure('start it'));
  const server = await untilTestEnds(startRedis({ dataDir: join(testFolder(), 'redis'), log: () => {} }));
  const redis = new Redis(server.url);
  onTestFinished(() => redis.disconnect());
  const found = async (id: string): Promise<Finding | undefined> => (await withRedis(server.url)).get(id);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await found('redis-eviction')).toEqual(cure('noeviction'));
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  await redis.set('filler', Buffer.alloc(2 * 1024 ** 2));
  await redis.config('SET', 'maxmemory', '1mb');
  expect(await found('redis-full')).toEqual(cure('maxmemory'));
  await redis.config('SET', 'requirepass', 'secret');
  expect(await found('redis-access')).toEqual(cure('REDIS_URL'));
});

test('a Redis Cluster is asked as one, by whichever of its servers', async () => {
  const { urls } = await untilTestEnds(startRedisCluster(testFolder()));
  for (const url of urls) {
    const found = await examined({ ...env, REDIS_URL: url, REDIS_CLUSTER: 'true' });
    expect([...found.keys()].filter((id) => id.startsWith('redis'))).toEqual([]);
  }
  // Taken for single servers, those that have not the slot of the doctor's key refuse it.
  const single = await Promise.all(urls.map(withRedis));
  expect(single.filter((found) => found.has('redis-writes')).length).toBe(urls.length - 1);
});

/** Two servers without JetStream, the second one with a password. */
async function plainNats(): Promise<{ url: string; secured: string }> {
  const acquired = await acquire(NATS, { ways: ['path', 'apt', 'homebrew', 'go'], log: () => {} });
  if (acquired.kind !== 'program') throw new Error('a program was asked for');
  const start = async (more: string) => {
    const [port, folder] = [await freePort(), join(testFolder(), 'nats')];
    await mkdir(folder);
    const config = join(folder, 'nats.conf');
    await writeFile(config, `listen: "127.0.0.1:${port}"\n${more}\n`);
    const { path, env: own } = acquired.program;
    const logFile = join(folder, 'server.log');
    const running = await launchProcess(path, ['--config', config], {
      env: childEnvironment({ ...own }),
      logFile,
      stopSignal: 'SIGTERM',
      cwd: folder,
    });
    onTestFinished(() => running.stop(5_000));
    await waitUntil('NATS to listen', async () => !(await isPortFree(port)));
    return `nats://127.0.0.1:${port}`;
  };
  return { url: await start(''), secured: await start('authorization { user: a, password: b }') };
}

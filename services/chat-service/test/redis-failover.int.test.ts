/** Redis after a failover: the server that was the primary answers, and takes no writes. */
import { startRedis } from '@messagecore/dev-servers';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkRedis, createRedis, type RedisClient } from '../src/platform/redis/redis.ts';
import { createRedisBuckets } from '../src/platform/rate-limits/redis-buckets.ts';
import { movingAddress } from './moving-address.ts';

async function server() {
  const dir = await mkdtemp(join(tmpdir(), 'redis-failover-'));
  const redis = await startRedis({ dataDir: dir });
  onTestFinished(async () => {
    await redis.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return redis;
}

async function connected(urls: string): Promise<RedisClient> {
  const redis = createRedis({ urls }, () => {});
  onTestFinished(() => redis.disconnect());
  // It goes on trying by itself.
  await redis.connect().catch(() => {});
  await vi.waitUntil(() => redis.status === 'ready', 60_000);
  return redis;
}

const takes = (redis: RedisClient) =>
  createRedisBuckets(redis)
    .take([[{ key: 'test:failover', rate: { perSecond: 1_000, burst: 1_000 } }]])
    .then(
      () => true,
      () => false,
    );
const isWell = (redis: RedisClient) =>
  checkRedis(redis).then(
    () => true,
    () => false,
  );

/** Whether it is well by the connection that it has: an answer may be late on a busy machine, but no other is made. */
async function isWellAtOnce(redis: RedisClient): Promise<boolean> {
  let closed = 0;
  redis.on('close', () => (closed += 1));
  await vi.waitUntil(() => isWell(redis), 60_000);
  return closed === 0;
}

test.each(['one address', 'several'])('a primary that became a replica is left for the new one: %s', async (kind) => {
  const [old, young] = [await server(), await server()];
  const address = await movingAddress(old.port);
  const redis = await connected(kind === 'several' ? `${old.url},${young.url}` : `redis://127.0.0.1:${address.port}`);
  // Questions have 100 ms: on a busy machine the first ones, which load the script, may take longer.
  await vi.waitUntil(() => takes(redis), 60_000);
  expect(await isWellAtOnce(redis)).toBe(true);

  const operator = await connected(old.url);
  await operator.call('replicaof', '127.0.0.1', String(young.port));
  address.moveTo(young.port);

  // It tries again after a second at most, and waits two for a connection: some tries fit in.
  await vi.waitUntil(() => takes(redis), { timeout: 60_000, interval: 100 });
  expect(await isWellAtOnce(redis)).toBe(true);
  expect(await operator.call('role')).toMatchObject([
    'slave',
    '127.0.0.1',
    young.port,
    expect.anything(),
    expect.anything(),
  ]);
});

test('a Redis that hangs is left for another one', async () => {
  const [old, young] = [await server(), await server()];
  const redis = await connected(`${old.url},${young.url}`);
  await vi.waitUntil(() => takes(redis), 30_000);

  process.kill(old.pid!, 'SIGSTOP');
  try {
    await vi.waitUntil(() => takes(redis), { timeout: 45_000, interval: 100 });
    expect(await isWellAtOnce(redis)).toBe(true);
  } finally {
    process.kill(old.pid!, 'SIGCONT');
  }
});

test('a replica answers pings and is not well', async () => {
  const [primary, replica] = [await server(), await server()];
  const operator = await connected(replica.url);
  await operator.call('replicaof', '127.0.0.1', String(primary.port));
  const redis = await connected(replica.url);
  expect(await redis.ping()).toBe('PONG');
  await expect(checkRedis(redis)).rejects.toThrow('READONLY');
});

test('IPv6', async () => {
  const address = await movingAddress((await server()).port, '::1');
  const redis = await connected(`redis://[::1]:${address.port}`);
  expect(await isWellAtOnce(redis)).toBe(true);
});

/** Redis after a failover: the server that was the primary answers, and takes no writes. */
import { startRedis } from '@messagecore/dev-servers';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkRedis, createRedis } from '../src/platform/rate-limits/redis.ts';
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

async function connected(urls: string): Promise<Redis> {
  const redis = createRedis(urls, () => {});
  onTestFinished(() => redis.disconnect());
  await redis.connect().catch(() => {});
  return redis;
}

const takes = (redis: Redis) =>
  createRedisBuckets(redis)
    .take([[{ key: 'test:failover', rate: { perSecond: 1_000, burst: 1_000 } }]])
    .then(
      () => true,
      () => false,
    );
const isWell = (redis: Redis) =>
  checkRedis(redis).then(
    () => true,
    () => false,
  );

test.each(['one address', 'several'])('a primary that became a replica is left for the new one: %s', async (kind) => {
  const [old, young] = [await server(), await server()];
  const address = await movingAddress(old.port);
  const redis = await connected(kind === 'several' ? `${old.url},${young.url}` : `redis://127.0.0.1:${address.port}`);
  // A busy machine may answer too late for a rate once.
  for (const check of [takes, isWell]) await vi.waitUntil(() => check(redis), 30_000);

  const operator = await connected(old.url);
  await operator.call('replicaof', '127.0.0.1', String(young.port));
  address.moveTo(young.port);

  await vi.waitUntil(() => takes(redis), { timeout: 30_000, interval: 100 });
  await vi.waitUntil(() => isWell(redis), 30_000);
  expect(await operator.call('role')).toMatchObject([
    'slave',
    '127.0.0.1',
    young.port,
    expect.anything(),
    expect.anything(),
  ]);
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
  expect(await vi.waitUntil(() => isWell(redis), 30_000)).toBe(true);
});

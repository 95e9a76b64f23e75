/** What the service keeps in Redis, in a Redis Cluster of three servers: each command stays in one slot. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RATE_PROFILES } from '@messagecore/protocol';
import { createSharedCounters } from '../src/platform/counters/shared-counters.ts';
import { createPresenceStore } from '../src/platform/presence/presence-store.ts';
import { createLimits } from '../src/platform/rate-limits/limits.ts';
import { checkRedis, createRedis, type RedisClient } from '../src/platform/redis/redis.ts';
import { createRedisBuckets } from '../src/platform/rate-limits/redis-buckets.ts';
import { createRedisTally } from '../src/platform/rate-limits/redis-tally.ts';
import { tenantTraces } from '../src/roles/tenant-traces.ts';
import { type RedisCluster, startRedisCluster } from './redis-cluster.ts';

/** A cluster takes some seconds to agree. */
const PATIENCE = { timeout: 60_000, interval: 100 };
const TENANTS = Array.from({ length: 40 }, (_, n) => `tenant-${n}`);

let dir: string;
let cluster: RedisCluster;
let redis: RedisClient;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'redis-cluster-'));
  cluster = await startRedisCluster(dir);
  redis = createRedis({ urls: cluster.urls.join(), cluster: true, commandTimeoutMs: 5_000 }, () => {});
  await redis.connect();
  await vi.waitUntil(
    () =>
      checkRedis(redis).then(
        () => true,
        () => false,
      ),
    PATIENCE,
  );
}, 120_000);

afterAll(async () => {
  redis?.disconnect();
  await cluster?.stop();
  await rm(dir, { recursive: true, force: true });
});

test('rates of many tenants at once are counted, and put back', async () => {
  const rates = RATE_PROFILES.production;
  const limits = createLimits(createRedisBuckets(redis), rates);
  const demands = TENANTS.map((tid) => ({ tid, uid: 'u', cid: 'c', cost: rates.sendsPerUser.burst }));

  expect(await limits.take(demands)).toEqual(TENANTS.map(() => 0));
  expect(Math.min(...(await limits.take(demands)))).toBeGreaterThan(0);
  await limits.giveBack(demands);
  expect(await limits.takeSignIn({ tid: 'tenant-0', account: 'a', network: '10.0.0.0/24' })).toBe(0);
  expect((await limits.takeRequest({ network: '10.0.0.0/24', route: 'signInsPerIp' })).waitMs).toBe(0);
});

test('what processes have counted by themselves is added up, answers in the order asked', async () => {
  const tally = createRedisTally(redis);
  const spendings = TENANTS.map((tid, n) => ({ key: `rate:{${tid}}:tallied`, ms: 60_000 + n * 1_000, ageMs: 0 }));
  const fullIn = await tally.add(spendings);
  for (const [n, ms] of fullIn.entries()) expect(Math.abs(ms - spendings[n]!.ms)).toBeLessThan(900);
});

test('counters of many tenants are raised, answers in the order asked', async () => {
  const counters = createSharedCounters(redis);
  const raises = TENANTS.map((tid, n) => ({ key: `quota:{${tid}}:messages:2026-11`, by: n, atLeast: 0 }));
  await counters.raise(raises);
  expect(await counters.raise(raises)).toEqual(TENANTS.map((_, n) => 2 * n));
});

test('who is there is known, and nothing of a tenant is left when it is deleted', async () => {
  const presence = createPresenceStore(redis);
  for (const tid of TENANTS) await presence.report(tid, { active: ['a'], away: ['b'], gone: [] }, () => {});
  expect(await presence.onlineAmong('tenant-7', ['a', 'b', 'c'])).toEqual(['a', 'b']);
  expect((await presence.page('tenant-7', undefined, 10)).users).toEqual(['a', 'b']);

  const bus = { request: () => Promise.reject(new Error('no bus')) };
  const traces = tenantTraces({ blobs: undefined, bus, redis });
  await traces.find(({ name }) => name === 'keys of Redis')?.erase('tenant-7');

  expect(await presence.onlineAmong('tenant-7', ['a', 'b', 'c'])).toEqual([]);
  expect(await presence.onlineAmong('tenant-8', ['a', 'b', 'c'])).toEqual(['a', 'b']);
});

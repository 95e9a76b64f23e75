import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Bucket } from './buckets.ts';
import { createRedisBuckets } from './redis-buckets.ts';
import { createRedisTally } from './redis-tally.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(process.env['MC_TEST_REDIS_URL'] ?? '');
});
afterAll(() => redis.disconnect());

const key = () => `test:${randomUUID()}`;

test('adds up what processes tell, since it was taken, and says when each bucket is full', async () => {
  const tally = createRedisTally(redis);
  const [one, other, longAgo] = [key(), key(), key()];
  const first = await tally.add([
    { key: one, ms: 100_000, ageMs: 0 },
    { key: other, ms: 50_000, ageMs: 20_000 },
    { key: longAgo, ms: 5_000, ageMs: 20_000 },
  ]);
  expect(first).toEqual([100_000, 30_000, 0]);
  expect(await redis.exists(longAgo)).toBe(0);
  const [both = 0] = await tally.add([{ key: one, ms: 60_000, ageMs: 20_000 }]);
  expect(both).toBeLessThanOrEqual(160_000);
  expect(both).toBeGreaterThan(100_000);
  expect(await redis.pttl(one)).toBeGreaterThan(100_000);
  expect(await tally.add([{ key: one, ms: -170_000, ageMs: 0 }])).toEqual([0]);
  expect(await redis.exists(one)).toBe(0);
});

test('of more buckets than fit into one call each has its answer', async () => {
  const spendings = Array.from({ length: 2_500 }, (_, n) => ({ key: key(), ms: 1_000 * (n + 1), ageMs: 0 }));
  expect(await createRedisTally(redis).add(spendings)).toEqual(spendings.map(({ ms }) => ms));
});

test('has the buckets of those who ask Redis each time', async () => {
  const bucket: Bucket = { key: key(), rate: { perSecond: 0.01, burst: 3 } };
  await createRedisTally(redis).add([{ key: bucket.key, ms: 200_000, ageMs: 0 }]);
  const taken = await createRedisBuckets(redis).take([[bucket], [bucket]]);
  expect(taken.map(({ waitMs }) => waitMs > 0)).toEqual([false, true]);
});

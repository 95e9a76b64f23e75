import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Bucket } from './buckets.ts';
import { createRedisBuckets } from './redis-buckets.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(process.env['MC_TEST_REDIS_URL'] ?? '');
});
afterAll(() => redis.disconnect());

/** So slow that nothing comes back while the test runs. */
const bucket = (burst: number): Bucket => ({ key: `test:${randomUUID()}`, rate: { perSecond: 0.01, burst } });

describe('buckets in Redis', () => {
  test('[LIM-3] demands of one batch see each other’s tokens gone, in order', async () => {
    const buckets = createRedisBuckets(redis);
    const demand = [bucket(3)];
    const answers = await buckets.take([demand, demand, demand, demand]);
    expect(answers.slice(0, 3)).toEqual([0, 0, 0]);
    expect(answers[3]).toBeGreaterThan(50_000);
    expect(answers[3]).toBeLessThanOrEqual(100_000);
  });

  test('a demand takes from all of its buckets or from none', async () => {
    const buckets = createRedisBuckets(redis);
    const [user, room] = [bucket(2), bucket(1)];
    const answers = await buckets.take([[user, room], [user, room], [user], [user]]);
    expect(answers.map((answer) => answer > 0)).toEqual([false, true, false, true]);
  });

  test('two processes share a bucket, which is forgotten when it is full again', async () => {
    const second = redis.duplicate();
    onTestFinished(() => second.disconnect());
    const [one, other] = [createRedisBuckets(redis), createRedisBuckets(second)];
    const shared = bucket(2);
    expect(await one.take([[shared]])).toEqual([0]);
    expect(await other.take([[shared]])).toEqual([0]);
    expect((await one.take([[shared]]))[0]).toBeGreaterThan(0);
    const forgottenIn = await redis.pttl(shared.key);
    expect(forgottenIn).toBeGreaterThan(150_000);
    expect(forgottenIn).toBeLessThanOrEqual(200_001);
  });

  test('a token given back is there again, and fills no bucket beyond its burst', async () => {
    const buckets = createRedisBuckets(redis);
    const [room, unknown] = [bucket(2), bucket(1)];
    const taken = async (count: number) =>
      (await buckets.take(Array.from({ length: count }, () => [room]))).map((wait) => wait > 0);
    expect(await taken(3)).toEqual([false, false, true]);
    await buckets.giveBack([room, unknown]);
    expect(await taken(2)).toEqual([false, true]);
    await buckets.giveBack([room, room, room, room]);
    expect(await redis.exists(room.key, unknown.key)).toBe(0);
    expect(await taken(3)).toEqual([false, false, true]);
  });

  test('[LIM-10] what costs more takes more, and beyond the burst waits for a full bucket and leaves a debt', async () => {
    const buckets = createRedisBuckets(redis);
    const user = bucket(10);
    const taken = async (...costs: number[]) =>
      (await buckets.take(costs.map((cost) => [{ ...user, cost }]))).map((wait) => Math.ceil(wait / 100_000));
    expect(await taken(7, 4, 3, 1)).toEqual([0, 1, 0, 1]);
    await buckets.giveBack([{ ...user, cost: 4 }]);
    expect(await taken(25, 4)).toEqual([6, 0]);
    await buckets.giveBack([{ ...user, cost: 10 }]);
    expect(await taken(25, 1)).toEqual([0, 16]);
  });

  test('a batch of thousands is one answer each', async () => {
    const buckets = createRedisBuckets(redis);
    const shared = bucket(2_500);
    const demands = Array.from({ length: 3_000 }, () => [shared, bucket(1)]);
    const answers = await buckets.take(demands);
    expect(answers.filter((answer) => answer === 0)).toHaveLength(2_500);
    expect(answers.findIndex((answer) => answer > 0)).toBe(2_500);
  });
});

import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Bucket, Buckets, Demand } from './buckets.ts';
import { createRedisBuckets } from './redis-buckets.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(process.env['MC_TEST_REDIS_URL'] ?? '');
});
afterAll(() => redis.disconnect());

/** So slow that nothing comes back while the test runs. */
const bucket = (burst: number): Bucket => ({ key: `test:${randomUUID()}`, rate: { perSecond: 0.01, burst } });

const waits = async (buckets: Buckets, demands: readonly Demand[]) =>
  (await buckets.take(demands)).map(({ waitMs }) => waitMs);

describe('buckets in Redis', () => {
  test('[LIM-3] demands of one batch see each other’s tokens gone, in order', async () => {
    const buckets = createRedisBuckets(redis);
    const demand = [bucket(3)];
    const answers = await waits(buckets, [demand, demand, demand, demand]);
    expect(answers.slice(0, 3)).toEqual([0, 0, 0]);
    expect(answers[3]).toBeGreaterThan(50_000);
    expect(answers[3]).toBeLessThanOrEqual(100_000);
  });

  test('a demand takes from all of its buckets or from none', async () => {
    const buckets = createRedisBuckets(redis);
    const [user, room] = [bucket(2), bucket(1)];
    const answers = await waits(buckets, [[user, room], [user, room], [user], [user]]);
    expect(answers.map((answer) => answer > 0)).toEqual([false, true, false, true]);
  });

  test('tells the whole tokens that are left in the emptiest bucket', async () => {
    const buckets = createRedisBuckets(redis);
    const [all, own] = [bucket(600), bucket(2)];
    const answers = await buckets.take([[all], [all, own], [all, own], [all, own], [all]]);
    expect(answers.map(({ left }) => left)).toEqual([599, 1, 0, 0, 596]);
    expect(answers.map(({ waitMs }) => waitMs > 0)).toEqual([false, false, false, true, false]);
    const [indebted] = await buckets.take([[{ ...bucket(2), cost: 5 }]]);
    expect(indebted).toEqual({ waitMs: 0, left: 0 });
  });

  test('two processes share a bucket, which is forgotten when it is full again', async () => {
    const second = redis.duplicate();
    onTestFinished(() => second.disconnect());
    const [one, other] = [createRedisBuckets(redis), createRedisBuckets(second)];
    const shared = bucket(2);
    expect(await waits(one, [[shared]])).toEqual([0]);
    expect(await waits(other, [[shared]])).toEqual([0]);
    expect((await waits(one, [[shared]]))[0]).toBeGreaterThan(0);
    const forgottenIn = await redis.pttl(shared.key);
    expect(forgottenIn).toBeGreaterThan(150_000);
    expect(forgottenIn).toBeLessThanOrEqual(200_001);
  });

  test('a token given back is there again, and fills no bucket beyond its burst', async () => {
    const buckets = createRedisBuckets(redis);
    const [room, unknown] = [bucket(2), bucket(1)];
    const taken = async (count: number) =>
      (
        await waits(
          buckets,
          Array.from({ length: count }, () => [room]),
        )
      ).map((wait) => wait > 0);
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
      (
        await waits(
          buckets,
          costs.map((cost) => [{ ...user, cost }]),
        )
      ).map((wait) => Math.ceil(wait / 100_000));
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
    const answers = await waits(buckets, demands);
    expect(answers.filter((answer) => answer === 0)).toHaveLength(2_500);
    expect(answers.findIndex((answer) => answer > 0)).toBe(2_500);
  });
});

import { VirtualClock } from '@messagecore/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bucket, Buckets, Demand } from './buckets.ts';
import { createMemoryBuckets } from './memory-buckets.ts';

const bucket = (key: string, perSecond: number, burst: number): Bucket => ({ key, rate: { perSecond, burst } });

const waits = async (buckets: Buckets, demands: readonly Demand[]) =>
  (await buckets.take(demands)).map(({ waitMs }) => waitMs);

describe('buckets of one process', () => {
  test('[LIM-2] a burst passes, then the sustained rate, and the wait told is enough and no longer', async () => {
    const clock = new VirtualClock();
    const buckets = createMemoryBuckets({ clock });
    const demand = [bucket('a', 10, 5)];
    const demands = Array.from({ length: 6 }, () => demand);

    expect(await waits(buckets, demands)).toEqual([0, 0, 0, 0, 0, 100]);
    clock.advance(99);
    expect(await waits(buckets, [demand])).toEqual([1]);
    clock.advance(1);
    expect(await waits(buckets, [demand])).toEqual([0]);
  });

  test('a demand takes from all of its buckets or from none', async () => {
    const clock = new VirtualClock();
    const buckets = createMemoryBuckets({ clock });
    const [user, room] = [bucket('user', 1, 2), bucket('room', 1, 1)];

    expect(await waits(buckets, [[user, room]])).toEqual([0]);
    expect(await waits(buckets, [[user, room]])).toEqual([1000]);
    // The refusal left the user's second token in place.
    expect(await waits(buckets, [[user], [user]])).toEqual([0, 1000]);
  });

  test('a token given back is there again, and fills no bucket beyond its burst', async () => {
    const clock = new VirtualClock();
    const buckets = createMemoryBuckets({ clock });
    const room = bucket('room', 1, 2);
    expect(await waits(buckets, [[room], [room]])).toEqual([0, 0]);
    await buckets.giveBack([room]);
    expect(await waits(buckets, [[room], [room]])).toEqual([0, 1000]);
    await buckets.giveBack([room, room, room, room]);
    expect(await waits(buckets, [[room], [room], [room]])).toEqual([0, 0, 1000]);
  });

  test('[LIM-10] what costs more takes more, and beyond the burst waits for a full bucket and leaves a debt', async () => {
    const clock = new VirtualClock();
    const buckets = createMemoryBuckets({ clock });
    const user = bucket('user', 1, 10);
    const take = async (cost: number) => (await waits(buckets, [[{ ...user, cost }]]))[0];
    expect([await take(7), await take(4), await take(3), await take(1)]).toEqual([0, 1_000, 0, 1_000]);
    await buckets.giveBack([{ ...user, cost: 4 }]);
    expect([await take(25), await take(4)]).toEqual([6_000, 0]);
    clock.advance(10_000);
    expect([await take(25), await take(1)]).toEqual([0, 16_000]);
    clock.advance(16_000);
    expect(await take(1)).toBe(0);
  });

  test('tells the whole tokens that are left in the emptiest bucket', async () => {
    const clock = new VirtualClock();
    const buckets = createMemoryBuckets({ clock });
    const [all, own] = [bucket('all', 300, 600), bucket('own', 3, 2)];
    expect(await buckets.take([[all], [all, own], [all, own], [all, own], [all]])).toEqual([
      { waitMs: 0, left: 599 },
      { waitMs: 0, left: 1 },
      { waitMs: 0, left: 0 },
      { waitMs: 334, left: 0 },
      { waitMs: 0, left: 596 },
    ]);
    clock.advance(334);
    expect(await buckets.take([[all, own]])).toEqual([{ waitMs: 0, left: 0 }]);
    expect(await buckets.take([[{ ...all, cost: 700 }], [all]])).toEqual([
      { waitMs: 4, left: 599 },
      { waitMs: 0, left: 598 },
    ]);
  });

  test('over any time no more is granted than burst and rate allow, and no less', async () => {
    const steps = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 300 }), ask: fc.integer({ min: 1, max: 20 }) }),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const clock = new VirtualClock();
        const buckets = createMemoryBuckets({ clock });
        let tokens = 7;
        for (const { wait, ask } of script) {
          clock.advance(wait);
          tokens = Math.min(7, tokens + wait / 50);
          const answers = await waits(
            buckets,
            Array.from({ length: ask }, () => [bucket('a', 20, 7)]),
          );
          const granted = answers.filter((answer) => answer === 0).length;
          expect(granted).toBe(Math.min(ask, Math.floor(tokens + 1e-6)));
          tokens -= granted;
        }
      }),
    );
  });

  test('the number of keys is bounded; what is forgotten is a full bucket', async () => {
    const clock = new VirtualClock();
    const buckets = createMemoryBuckets({ clock, maxKeys: 3 });
    const take = (key: string) => waits(buckets, [[bucket(key, 1, 1)]]);
    for (const key of ['a', 'b', 'c', 'd']) expect(await take(key)).toEqual([0]);
    expect(await take('d')).toEqual([1000]);
    expect(await take('a')).toEqual([0]);
  });
});

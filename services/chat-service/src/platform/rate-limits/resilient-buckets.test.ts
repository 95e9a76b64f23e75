import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import type { Buckets, Demand } from './buckets.ts';
import { createResilientBuckets } from './resilient-buckets.ts';

test('while the shared buckets fail the local ones answer, and the shared are left in peace for a second', async () => {
  const clock = new VirtualClock();
  let up = false;
  const asked: unknown[] = [];
  const all = (demands: readonly Demand[], waitMs: number) => Promise.resolve(demands.map(() => ({ waitMs, left: 0 })));
  const shared: Buckets = {
    take: (demands) => (up ? all(demands, 1) : Promise.reject(new Error('down'))),
    giveBack: () => (up ? Promise.resolve() : Promise.reject(new Error('down'))),
  };
  const local: Buckets = { take: (demands) => all(demands, 0), giveBack: async () => {} };
  const buckets = createResilientBuckets({ shared, local, clock, onResult: (error) => asked.push(error) });

  expect(await buckets.take([[]])).toMatchObject([{ waitMs: 0 }]);
  expect(await buckets.take([[]])).toMatchObject([{ waitMs: 0 }]);
  expect(asked).toEqual([new Error('down')]);

  up = true;
  clock.advance(999);
  expect(await buckets.take([[]])).toMatchObject([{ waitMs: 0 }]);
  clock.advance(1);
  expect(await buckets.take([[]])).toMatchObject([{ waitMs: 1 }]);
  expect(asked).toEqual([new Error('down'), undefined]);

  up = false;
  await buckets.giveBack([]);
  expect(asked).toEqual([new Error('down'), undefined, new Error('down')]);
});

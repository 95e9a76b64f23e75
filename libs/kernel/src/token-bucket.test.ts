import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';
import { VirtualClock } from './virtual-clock.ts';

const rate = fc.record({ perSecond: fc.integer({ min: 1, max: 5_000 }), burst: fc.integer({ min: 1, max: 500 }) });
const request = fc.record({ after: fc.nat({ max: 2_000 }), count: fc.integer({ min: 1, max: 20 }) });

test('grants at most burst + rate × time over every stretch of time, and a debt to the last', () => {
  fc.assert(
    fc.property(rate, fc.array(request, { maxLength: 60 }), ({ perSecond, burst }, requests) => {
      const clock = new VirtualClock();
      const bucket = new TokenBucket({ perSecond, burst, clock });
      const grants: { at: number; count: number }[] = [];
      for (const { after, count } of requests) {
        clock.advance(after);
        if (bucket.take(count) === 0) grants.push({ at: clock.monotonic(), count });
      }
      for (const [index, first] of grants.entries()) {
        let granted = 0;
        for (const { at, count } of grants.slice(index)) {
          granted += count;
          const most = Math.max(burst, count) + ((at - first.at) * perSecond) / 1000;
          expect(granted).toBeLessThanOrEqual(most + 1e-6);
        }
      }
    }),
  );
});

test('the advised wait is enough, and at most a millisecond too long', () => {
  fc.assert(
    fc.property(rate, fc.nat({ max: 5_000 }), ({ perSecond, burst }, idle) => {
      const clock = new VirtualClock();
      const bucket = new TokenBucket({ perSecond, burst, clock });
      clock.advance(idle);
      expect(bucket.take(burst)).toBe(0);
      const wait = bucket.take();
      expect(wait).toBeLessThanOrEqual(1000 / perSecond + 1);
      clock.advance(wait);
      expect(bucket.take()).toBe(0);
    }),
  );
});

test('more than the burst is granted when all of it is there, and leaves a debt', () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket({ perSecond: 10, burst: 5, clock });
  expect([bucket.take(1), bucket.take(8)]).toEqual([0, 100]);
  clock.advance(100);
  expect([bucket.take(8), bucket.take(1)]).toEqual([0, 400]);
});

test('another rate takes over what is there and grants nothing by itself', () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket({ perSecond: 10, burst: 100, clock });
  bucket.take(90);
  clock.advance(1_000);
  bucket.goOnAt({ perSecond: 1_000, burst: 1_000 });
  expect([bucket.take(20), bucket.take(1)]).toEqual([0, 1]);
  clock.advance(1_000);
  bucket.goOnAt({ perSecond: 1, burst: 5 });
  expect([bucket.take(5), bucket.take(1)]).toEqual([0, 1_000]);
});

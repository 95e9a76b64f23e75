import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('every wait lies between the minimum and a ceiling that doubles up to the maximum', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(draw),
      (minMs, by, draws) => {
        const maxMs = minMs * by;
        const source = draws.values();
        const backoff = new Backoff({ minMs, maxMs, random: () => source.next().value ?? 0 });
        for (const [attempt] of draws.entries()) {
          const wait = backoff.next();
          expect(wait).toBeGreaterThanOrEqual(minMs);
          expect(wait).toBeLessThanOrEqual(Math.min(maxMs, minMs * 2 ** (attempt + 1)));
        }
      },
    ),
  );
});

test('uses the whole range and starts over after a reset', () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1_000, random: () => 1 });
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([
    200, 400, 800, 1_000, 1_000,
  ]);
  backoff.reset();
  expect(backoff.next()).toBe(200);
});

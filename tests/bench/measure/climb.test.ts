import { expect, test } from 'vitest';
import { climb, firstBroken, highest } from './climb.ts';

const upTo = (capacity: number) => {
  const asked: number[] = [];
  return {
    asked,
    attempt: async (rate: number) => {
      asked.push(rate);
      return { rate, held: rate <= capacity };
    },
  };
};

test.each([100, 999, 12_345, 100_000])('closes in on a capacity of %d', async (capacity) => {
  const { attempt } = upTo(capacity);
  const steps = await climb(80, attempt, 40);
  expect(highest(steps)!.rate).toBeLessThanOrEqual(capacity);
  expect(highest(steps)!.rate).toBeGreaterThan(capacity / 1.15);
  expect(firstBroken(steps)!.rate).toBeGreaterThan(capacity);
});

test('comes down when the first step is too high already', async () => {
  const steps = await climb(1_000, upTo(120).attempt, 40);
  expect(highest(steps)!.rate).toBeLessThanOrEqual(120);
});

test('asks for nothing above what broke, and not for ever', async () => {
  const { asked, attempt } = upTo(500);
  await climb(100, attempt, 40);
  const first = asked.findIndex((rate) => rate > 500);
  expect(asked.slice(first + 1).every((rate) => rate < asked[first]!)).toBe(true);
  expect(await climb(1, async (rate) => ({ rate, held: true }), 5)).toHaveLength(5);
});

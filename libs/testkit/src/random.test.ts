import { expect, test } from 'vitest';
import { pickInt, seededRandom } from './random.ts';

const take = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
};

test('the same seed gives the same numbers, another seed others', () => {
  expect(take(7, 20)).toEqual(take(7, 20));
  expect(take(7, 20)).not.toEqual(take(8, 20));
});

test('numbers are spread over [0, 1)', () => {
  const numbers = take(1, 10_000);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const tenths = Array.from({ length: 10 }, (_, i) => numbers.filter((n) => Math.floor(n * 10) === i).length);
  for (const share of tenths) expect(share).toBeGreaterThan(850);
});

test('pickInt reaches both ends', () => {
  const random = seededRandom(5);
  expect(new Set(Array.from({ length: 200 }, () => pickInt(random, 1, 3)))).toEqual(new Set([1, 2, 3]));
});

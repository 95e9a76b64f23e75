import { LIMITS } from '@messagecore/protocol/constants';
import { expect, test } from 'vitest';
import { expiryAt, expiryOf, lifetimes, lifetimesFor } from './lifetime.ts';

test('[EXPR-1] [EXPR-7] every choice is one that the service takes', () => {
  for (const { expiresIn = 1, expiresAfterRead = 1 } of lifetimes.map(expiryOf)) {
    expect(expiresIn).toBeLessThanOrEqual(LIMITS.expiresInSeconds);
    expect(expiresAfterRead).toBeLessThanOrEqual(LIMITS.expiresAfterReadSeconds);
  }
  expect(expiryOf('always')).toEqual({});
});

test('[EXPR-10] where many take part none disappears after reading', () => {
  expect(lifetimesFor(2, 2)).toEqual(lifetimes);
  const many = lifetimesFor(3, 2);
  expect(many).toContain('hour');
  expect(many.filter((lifetime) => expiryOf(lifetime).expiresAfterRead !== undefined)).toEqual([]);
});

test('[EXPR-1] when it disappears is known where the time runs from the send', () => {
  expect(expiryAt(1_000, expiryOf('minutes'))).toBe(301_000);
  expect(expiryAt(1_000, expiryOf('read'))).toBeUndefined();
});

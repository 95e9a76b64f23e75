import { expect, test } from 'vitest';
import { BOUND_MS } from './plan.ts';
import { Tally } from './tally.ts';

const dueSince = (ms: number) => {
  const due = performance.now() - ms;
  return { count: 2, dueAt: () => due };
};

test('counts each message as often as it is awaited, and only those of its own run', () => {
  const tally = new Tally(10, dueSince(0), 2);
  for (const index of [9, 10, 10, 10, 11, 12]) tally.arrived(index);
  expect(tally.received).toBe(3);
  expect(tally.close(2)).toMatchObject({ count: 4, inTime: 3 });
});

test('delay counts from when a message was due, and what is too late is not in time', () => {
  const tally = new Tally(0, dueSince(10 * BOUND_MS), 1);
  tally.arrived(0);
  const { inTime, max } = tally.close(1);
  expect(inTime).toBe(0);
  expect(max).toBeGreaterThanOrEqual(10 * BOUND_MS * 0.99);
});

test('what never came counts with the time waited for it', () => {
  const { count, inTime, p50 } = new Tally(0, dueSince(5_000), 1).close(2);
  expect({ count, inTime }).toEqual({ count: 2, inTime: 0 });
  expect(p50).toBeGreaterThan(4_900);
});

test('what was never sent is no delay', () => {
  expect(new Tally(0, dueSince(5_000), 1).close(0)).toMatchObject({ count: 0, inTime: 0 });
});

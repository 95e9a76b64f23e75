import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { LatestChange } from './follow-system.ts';

test('of two who say different things the one with the later change counts, until it is not heard any more', () => {
  const clock = new VirtualClock();
  const latest = new LatestChange(clock);
  expect(latest.isLatest(0)).toBe(true);
  expect(latest.isLatest(2_000)).toBe(true);
  for (let second = 0; second < 20; second += 1) {
    clock.advance(1_000);
    expect([latest.isLatest(1_000), latest.isLatest(2_000), latest.isLatest(1_000)]).toEqual([false, true, false]);
  }
  // The record was restored: nobody knows of the later change any more.
  clock.advance(4_999);
  expect(latest.isLatest(1_000)).toBe(false);
  clock.advance(1);
  expect([latest.isLatest(1_000), latest.isLatest(500), latest.isLatest(1_000)]).toEqual([true, false, true]);
});

import { expect, test, vi } from 'vitest';
import { systemClock } from './clock.ts';
import { deferred } from './deferred.ts';

test('calls back once the time is over, and not when cancelled', async () => {
  const done = deferred();
  const start = systemClock.monotonic();
  let cancelledRan = false;
  systemClock.setTimeout(() => (cancelledRan = true), 1).cancel();
  systemClock.setTimeout(done.resolve, 5);
  await done.promise;
  expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(4);
  expect(cancelledRan).toBe(false);
  const before = Date.now();
  const now = systemClock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test('waits longer than a timer of the platform can, and for ever', () => {
  vi.useFakeTimers();
  try {
    const day = 24 * 3_600_000;
    let ran = 0;
    systemClock.setTimeout(() => (ran += 1), 30 * day);
    systemClock.setTimeout(() => (ran += 1), Infinity);
    const cancelled = systemClock.setTimeout(() => (ran += 1), 60 * day);
    vi.advanceTimersByTime(30 * day - 1);
    expect(ran).toBe(0);
    vi.advanceTimersByTime(1);
    expect(ran).toBe(1);
    cancelled.cancel();
    vi.advanceTimersByTime(365 * day);
    expect(ran).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

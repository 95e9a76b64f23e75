import { expect, test } from 'vitest';
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

import { expect, test, vi } from 'vitest';
import { asFastAsPossible, realTime } from './pace.ts';

const MINUTE = 60_000;

test('without a pace every line is due at once', async () => {
  await expect(asFastAsPossible.until(MINUTE)).resolves.toBeUndefined();
});

test('real time keeps the distances of the file, scaled, and cuts long silences', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  try {
    const sleeps: number[] = [];
    const pace = realTime(60, (ms) => {
      sleeps.push(ms);
      vi.advanceTimersByTime(ms);
      return Promise.resolve();
    });
    for (const at of [0, MINUTE, MINUTE, 3 * MINUTE, 600 * MINUTE, undefined]) await pace.until(at);
    expect(sleeps.map(Math.round)).toEqual([1_000, 2_000, 5_000]);
  } finally {
    vi.useRealTimers();
  }
});

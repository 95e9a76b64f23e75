import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { HedgePace } from './hedge-pace.ts';

async function after(answersTake: number): Promise<number> {
  const clock = new VirtualClock();
  const pace = new HedgePace(clock);
  for (let answer = 0; answer < 200; answer += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timed = pace.timed(promise);
    clock.advance(answersTake);
    resolve();
    await timed;
  }
  return pace.afterMs;
}

test('nobody is hurried who takes as long as usual, and nobody waits for long', async () => {
  expect(await after(5)).toBe(200);
  expect(await after(80)).toBeGreaterThan(300);
  expect(await after(2_000)).toBe(400);
  expect(Number.isInteger(await after(71.3))).toBe(true);
});

test('[LAG-5] a slow system is asked little more often than by itself', () => {
  const clock = new VirtualClock();
  const pace = new HedgePace(clock);
  let second = 0;
  for (let ms = 0; ms < 60_000; ms += 1) {
    if (pace.take()) second += 1;
    clock.advance(1);
  }
  expect(second).toBeLessThanOrEqual(64 + 60 * 16);
});

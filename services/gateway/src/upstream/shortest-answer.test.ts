import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { ShortestAnswer } from './shortest-answer.ts';

test('the fastest answer counts for some minutes', () => {
  const clock = new VirtualClock();
  const shortest = new ShortestAnswer(clock);
  expect(shortest.ms).toBe(0);
  for (const ms of [90, 80, 2_000]) shortest.note(ms);
  expect(shortest.ms).toBe(80);
  clock.advance(300_001);
  shortest.note(120);
  expect(shortest.ms).toBe(80);
  clock.advance(300_001);
  shortest.note(130);
  expect(shortest.ms).toBe(120);
});

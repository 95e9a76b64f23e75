import { VirtualClock } from '@messagecore/kernel';
import type { Rate } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { ConnectionLimits } from './limits.ts';

const PRODUCTION: Rate = { perSecond: 100, burst: 200 };

function open() {
  const clock = new VirtualClock();
  const limits = new ConnectionLimits(clock);
  /** How many frames pass before one does not. */
  const passing = (rate: Rate) => {
    let passed = 0;
    while (limits.takeFrames(rate, 1) === 0) passed += 1;
    return passed;
  };
  return { clock, limits, passing };
}

test('[LIM-1] [AUTH-7] a renewal that brings the same rate brings no new burst', () => {
  const { clock, passing } = open();
  const renewed = Array.from({ length: 10 }, () => passing({ ...PRODUCTION }));
  expect(renewed).toEqual([200, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  clock.advance(500);
  expect(passing({ ...PRODUCTION })).toBe(50);
});

test('[LIM-1] another rate holds from now on, for what is left', () => {
  const { clock, limits, passing } = open();
  for (let taken = 0; taken < 150; taken += 1) limits.takeFrames(PRODUCTION, 1);
  expect(passing({ perSecond: 10, burst: 20 })).toBe(20);
  clock.advance(1_000);
  expect(passing({ perSecond: 1_000, burst: 2_000 })).toBe(10);
  clock.advance(60_000);
  expect(passing({ perSecond: 1_000, burst: 2_000 })).toBe(2_000);
});

test('[LIM-1] rates that take turns add nothing to each other', () => {
  const { passing } = open();
  const other = { perSecond: 100, burst: 201 };
  expect([PRODUCTION, other, PRODUCTION, other].map(passing)).toEqual([200, 0, 0, 0]);
});

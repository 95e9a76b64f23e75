import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { createSuccessLog, Watches } from './watches.ts';

function setUp() {
  const clock = new VirtualClock();
  const watches = new Watches(clock);
  return { clock, watches, now: clock.now() };
}

test('a conversation or a user is watched in its tenant alone, until the time is over', () => {
  const { clock, watches, now } = setUp();
  watches.set([
    { tid: 't', cid: 'c', until: now + 1_000 },
    { tid: 't', uid: 'u', until: now + 2_000 },
  ]);
  expect(watches.includes({ tid: 't', cid: 'c', uid: 'other' })).toBe(true);
  expect(watches.includes({ tid: 't', cid: 'other', uid: 'u' })).toBe(true);
  expect(watches.includes({ tid: 't', cid: 'other', uid: 'other' })).toBe(false);
  expect(watches.includes({ tid: 't' })).toBe(false);
  expect(watches.includes({ tid: 'other', cid: 'c', uid: 'u' })).toBe(false);
  clock.advance(1_000);
  expect(watches.includes({ tid: 't', cid: 'c' })).toBe(false);
  expect(watches.active).toEqual([{ tid: 't', uid: 'u', until: now + 2_000 }]);
  clock.advance(1_000);
  expect(watches.active).toEqual([]);
});

test('of successes a part is logged, and all that is watched', () => {
  const { watches, now } = setUp();
  const draws = [0.005, 0.01, 0.99];
  const log = createSuccessLog({ logSuccessRatio: 0.01 }, watches, () => draws.shift() ?? 1);
  expect([0, 1, 2].map(() => log.takes({ tid: 't', cid: 'c' }))).toEqual([true, false, false]);
  watches.set([{ tid: 't', cid: 'c', until: now + 1 }]);
  expect(log.takes({ tid: 't', cid: 'c' })).toBe(true);
});

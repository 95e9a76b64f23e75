import { expect, test } from 'vitest';
import { RequestDeadlines } from './request-deadlines.ts';

const WALL = 1_790_000_000_000;

function setUp() {
  let now = 1_000_000;
  const deadlines = new RequestDeadlines({ monotonic: () => now, now: () => WALL + now });
  /** A request that was on its way for so long; the asker's own clock is 5,000,000 ahead of ours. */
  const request = (waitedMs: number, asker = 'gateway') => {
    return { asker, at: now - waitedMs + 5_000_000, now: WALL + now - waitedMs, forMs: 1_500 };
  };
  const hasPassed = (...of: Parameters<typeof request>) => deadlines.hasPassed(deadlines.until(request(...of)));
  return { deadlines, request, hasPassed, pass: (ms: number) => (now += ms) };
}

test('a request is of use as long as its asker waits, whatever the two clocks say', () => {
  const { deadlines, request, pass } = setUp();
  const until = deadlines.until(request(1));
  expect(deadlines.hasPassed(until)).toBe(false);
  pass(1_499);
  expect(deadlines.hasPassed(until)).toBe(false);
  pass(2);
  expect(deadlines.hasPassed(until)).toBe(true);
});

test('what has waited in front of a process that stood still is over when it is read', () => {
  const { hasPassed, pass } = setUp();
  hasPassed(1);
  pass(600_000);
  expect(hasPassed(599_000)).toBe(true);
  expect(hasPassed(1_400)).toBe(false);
  expect(hasPassed(0)).toBe(false);
});

test('of an asker that is new the wall clock tells', () => {
  const { hasPassed, pass } = setUp();
  expect([hasPassed(5_000), hasPassed(4_000), hasPassed(1_000), hasPassed(0)]).toEqual([true, true, false, false]);
  expect(hasPassed(5_000)).toBe(true);
  pass(5_000);
  expect(hasPassed(4_000, 'another')).toBe(true);
});

test('machines whose wall clocks disagree understand each other after a moment', () => {
  const { deadlines, request, pass } = setUp();
  const hasPassed = () => deadlines.hasPassed(deadlines.until({ ...request(0), now: 0 }));
  expect(hasPassed()).toBe(true);
  pass(1_000);
  expect(hasPassed()).toBe(false);
});

test('an asker whose own clock stood still is believed again within two windows', () => {
  const { deadlines, request, hasPassed, pass } = setUp();
  hasPassed(0);
  const isBehind = () => deadlines.hasPassed(deadlines.until({ ...request(0), at: request(0).at - 60_000 }));
  expect(isBehind()).toBe(true);
  for (let second = 0; second < 23; second += 1) {
    pass(1_000);
    isBehind();
  }
  expect(isBehind()).toBe(false);
});

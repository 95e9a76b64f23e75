import { expect, test } from 'vitest';
import { RequestDeadlines } from './request-deadlines.ts';

const WALL = 1_790_000_000_000;

function setUp() {
  let now = 1_000_000;
  const ages = new RequestDeadlines({ monotonic: () => now, now: () => WALL + now });
  /** A request that was on its way for so long; the asker's own clock is 5,000,000 ahead of ours. */
  const request = (waitedMs: number, asker = 'gateway') => {
    return { asker, at: now - waitedMs + 5_000_000, now: WALL + now - waitedMs, forMs: 1_500 };
  };
  const isOver = (...of: Parameters<typeof request>) => ages.isOver(ages.until(request(...of)));
  return { ages, request, isOver, pass: (ms: number) => (now += ms) };
}

test('a request is of use as long as its asker waits, whatever the two clocks say', () => {
  const { ages, request, pass } = setUp();
  const until = ages.until(request(1));
  expect(ages.isOver(until)).toBe(false);
  pass(1_499);
  expect(ages.isOver(until)).toBe(false);
  pass(2);
  expect(ages.isOver(until)).toBe(true);
});

test('what has waited in front of a process that stood still is over when it is read', () => {
  const { isOver, pass } = setUp();
  isOver(1);
  pass(600_000);
  expect(isOver(599_000)).toBe(true);
  expect(isOver(1_400)).toBe(false);
  expect(isOver(0)).toBe(false);
});

test('of an asker that is new the wall clock tells', () => {
  const { isOver, pass } = setUp();
  expect([isOver(5_000), isOver(4_000), isOver(1_000), isOver(0)]).toEqual([true, true, false, false]);
  expect(isOver(5_000)).toBe(true);
  pass(5_000);
  expect(isOver(4_000, 'another')).toBe(true);
});

test('machines whose wall clocks disagree understand each other after a moment', () => {
  const { ages, request, pass } = setUp();
  const isOver = () => ages.isOver(ages.until({ ...request(0), now: 0 }));
  expect(isOver()).toBe(true);
  pass(1_000);
  expect(isOver()).toBe(false);
});

test('an asker whose own clock stood still is believed again within two windows', () => {
  const { ages, request, isOver, pass } = setUp();
  isOver(0);
  const isBehind = () => ages.isOver(ages.until({ ...request(0), at: request(0).at - 60_000 }));
  expect(isBehind()).toBe(true);
  for (let second = 0; second < 23; second += 1) {
    pass(1_000);
    isBehind();
  }
  expect(isBehind()).toBe(false);
});

import { expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

test('runs timers in the order of their time, then of their setting, each at its own time', () => {
  const clock = new VirtualClock(1_000);
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name}@${clock.now()}`);
  clock.setTimeout(note('late'), 30);
  clock.setTimeout(note('first'), 10);
  clock.setTimeout(note('second'), 10);
  clock.advance(20);
  expect(ran).toEqual(['first@1010', 'second@1010']);
  expect(clock.untilNext).toBe(10);
  clock.advance(10);
  expect(ran.at(-1)).toBe('late@1030');
  expect(clock.untilNext).toBeUndefined();
});

test('a timer set by a timer runs in the same step when it is due', () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  const tick = () => {
    times.push(clock.monotonic());
    clock.setTimeout(tick, 10);
  };
  clock.setTimeout(tick, 10);
  clock.advance(35);
  expect(times).toEqual([10, 20, 30]);
});

test('a cancelled timer never runs, also when a timer of the same time cancels it', () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  clock.setTimeout(() => victim.cancel(), 5);
  const victim = clock.setTimeout(() => ran.push('victim'), 5);
  clock.advance(10);
  victim.cancel();
  expect(ran).toEqual([]);
});

test('one at a time: each step runs the next timer alone, at its time', () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  clock.setTimeout(() => ran.push(`first@${clock.monotonic()}`), 5);
  clock.setTimeout(() => ran.push(`second@${clock.monotonic()}`), 5);
  expect(clock.runNext()).toBe(true);
  expect(ran).toEqual(['first@5']);
  expect([clock.runNext(), clock.runNext()]).toEqual([true, false]);
  expect(ran).toEqual(['first@5', 'second@5']);
});

import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { newAllowances } from './allowances.fixture.ts';

class Line {
  paused = false;
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
}

function open(isCrowded = (_userId: string) => false) {
  const clock = new VirtualClock();
  const upload = { perSecond: 1_000, burst: 2_000 };
  const replay = { perSecond: 1_000, burst: 1_000 };
  return { clock, allowances: newAllowances({ clock, upload, replay, isCrowded }) };
}

const lines = (count: number) => Array.from({ length: count }, () => new Line());
const pausedOf = (all: readonly Line[]) => all.filter(({ paused }) => paused).length;

test('[LIM-17] whose user sends too much is not read from until it is due, in whichever session', () => {
  const { clock, allowances } = open();
  const [one, other, another] = lines(3) as [Line, Line, Line];
  const ann = allowances.enter('ann');
  ann.received(2_000, one);
  expect(one.paused).toBe(false);
  ann.received(500, one);
  expect(one.paused).toBe(true);
  allowances.enter('ann').received(500, other);
  allowances.enter('bob').received(500, another);
  expect([other.paused, another.paused]).toEqual([true, false]);
  clock.advance(990);
  expect(one.paused).toBe(true);
  clock.advance(20);
  expect([one.paused, other.paused]).toEqual([false, false]);
});

test('[LIM-17] connections that were paused are read from again a few at a time', () => {
  const { clock, allowances } = open();
  const ann = allowances.enter('ann');
  const all = lines(20);
  for (const line of all) ann.received(110, line);
  ann.received(3_000, all[0]!);
  for (const line of all) ann.received(0, line);
  expect(pausedOf(all)).toBe(20);
  clock.advance(3_200);
  expect(pausedOf(all)).toBe(12);
  clock.advance(10);
  expect(pausedOf(all)).toBe(4);
  clock.advance(10);
  expect(pausedOf(all)).toBe(0);
});

test('[LIM-17] what is refused counts for more', () => {
  const { clock, allowances } = open();
  const ann = allowances.enter('ann');
  const [line] = lines(1) as [Line];
  ann.refused();
  ann.received(1, line);
  expect(line.paused).toBe(true);
  clock.advance(2_110);
  expect(line.paused).toBe(false);
});

test('[LIM-14] while too many joins wait nothing is read', () => {
  let isCrowded = true;
  const { clock, allowances } = open(() => isCrowded);
  const [line] = lines(1) as [Line];
  allowances.enter('ann').received(1, line);
  clock.advance(5_000);
  expect(line.paused).toBe(true);
  isCrowded = false;
  clock.advance(200);
  expect(line.paused).toBe(false);
});

test('[LIM-18] history waits after too much of it, and pages are fetched two at a time', async () => {
  const { clock, allowances } = open();
  const ann = allowances.enter('ann');
  expect(ann.replayWaitMs()).toBe(0);
  ann.replayed(3_000);
  expect(ann.replayWaitMs()).toBe(2_000);
  clock.advance(2_000);
  expect(ann.replayWaitMs()).toBe(0);
  const fetches: (() => void)[] = [];
  const fetch = () => new Promise<void>((resolve) => void fetches.push(resolve));
  const pages = [ann.fetchPage(fetch), ann.fetchPage(fetch), ann.fetchPage(fetch)];
  await expect.poll(() => fetches.length, { timeout: 30_000 }).toBe(2);
  fetches[0]!();
  await pages[0];
  await expect.poll(() => fetches.length, { timeout: 30_000 }).toBe(3);
});

test('[LIM-17] [LIM-18] who goes and comes back has the same allowance, and what is whole is forgotten', () => {
  const { clock, allowances } = open();
  const [line] = lines(1) as [Line];
  allowances.enter('ann').received(2_500, line);
  allowances.leave('ann');
  allowances.sweep();
  expect(allowances.size).toBe(1);
  const again = allowances.enter('ann');
  clock.advance(600);
  again.received(200, line);
  expect(line.paused).toBe(true);
  allowances.leave('ann');
  clock.advance(2_200);
  allowances.sweep();
  expect(allowances.size).toBe(0);
});

test('closing wakes nobody', () => {
  const { clock, allowances } = open();
  const [line] = lines(1) as [Line];
  allowances.enter('ann').received(3_000, line);
  allowances.close();
  clock.advance(5_000);
  expect(line.paused).toBe(true);
});

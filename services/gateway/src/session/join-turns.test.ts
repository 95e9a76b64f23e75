import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { gatherArrivals } from './gather-arrivals.ts';
import { JoinTurns } from './join-turns.ts';

const never = () => false;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('[LAG-5] joins of one user wait for each other, in however many sessions; others do not', async () => {
  const turns = new JoinTurns({ rate: { perSecond: 1_000, burst: 1_000 } });
  const begun: string[] = [];
  const begin = async (user: string) => {
    if (await turns.begin(user, never)) begun.push(user);
  };
  for (let join = 0; join < 1_000; join += 1) void begin('ann');
  await begin('bob');
  expect(begun.filter((user) => user === 'ann')).toHaveLength(16);
  expect(begun.at(-1)).toBe('bob');
  for (let join = 0; join < 1_000; join += 1) {
    turns.end('ann');
    await Promise.resolve();
  }
  turns.end('bob');
  await Promise.resolve();
  expect(begun.filter((user) => user === 'ann')).toHaveLength(1_000);
  expect(turns.size).toBe(0);
});

test('[LIM-14] beyond the burst so many a second, also after a pause that is too short', async () => {
  const clock = new VirtualClock();
  const turns = new JoinTurns({ clock, rate: { perSecond: 10, burst: 20 } });
  let begun = 0;
  const begin = async () => {
    if (!(await turns.begin('ann', never))) return;
    begun += 1;
    turns.end('ann');
  };
  for (let join = 0; join < 25; join += 1) void begin();
  await settled();
  expect(begun).toBe(20);
  for (let step = 0; step < 5; step += 1) {
    clock.advance(100);
    await settled();
    expect(begun).toBe(21 + step);
  }
  expect(turns.size).toBe(0);
  // Nothing is under way, and yet what was spent is remembered.
  void begin();
  await settled();
  expect(begun).toBe(25);
  clock.advance(100);
  await settled();
  expect(begun).toBe(26);
});

test('[LIM-14] joins that nobody waits for cost nothing, and very many are too many', async () => {
  const clock = new VirtualClock();
  const turns = new JoinTurns({ clock, rate: { perSecond: 1, burst: 1 } });
  let closed = false;
  expect(await turns.begin('ann', never)).toBe(true);
  const dead = Array.from({ length: 2_000 }, () => turns.begin('ann', () => closed));
  expect([turns.isCrowded('ann'), turns.isCrowded('bob'), turns.isFull('ann')]).toEqual([true, false, false]);
  for (let more = 0; more < 18_000; more += 1) dead.push(turns.begin('ann', () => closed));
  expect([turns.isFull('ann'), turns.isFull('bob')]).toEqual([true, false]);
  const alive = turns.begin('ann', never);
  closed = true;
  clock.advance(1_000);
  expect(new Set(await Promise.all(dead))).toEqual(new Set([false]));
  expect(await alive).toBe(true);
  const left = turns.begin('ann', never);
  turns.close();
  expect(await left).toBe(false);
});

test('[LIM-14] joins behind earlier ones of the same conversation are counted, and get their turn after them', async () => {
  const turns = new JoinTurns();
  const { promise: before, resolve } = Promise.withResolvers<void>();
  expect(await turns.begin('ann', never)).toBe(true);
  const behind = Array.from({ length: 2_000 }, () => turns.begin('ann', never, before));
  expect(turns.isCrowded('ann')).toBe(true);
  turns.end('ann');
  resolve();
  expect(await behind[0]).toBe(true);
  turns.close();
  expect(await behind.at(-1)).toBe(false);
});

test('where many join, those of a moment get their turns together', async () => {
  const clock = new VirtualClock();
  const turns = new JoinTurns({ clock, defer: gatherArrivals(clock).defer });
  const begunAt: number[] = [];
  for (let user = 0; user < 200; user += 1) {
    void turns.begin(`user ${user}`, never).then(() => begunAt.push(clock.monotonic()));
    await settled();
    clock.advance(2);
    await settled();
  }
  clock.advance(20);
  await settled();
  expect(begunAt).toHaveLength(200);
  const lots = [...Map.groupBy(begunAt, (at) => at).values()].map((lot) => lot.length);
  expect(lots.slice(0, 3)).toEqual([1, 1, 1]);
  expect(lots.slice(-10, -1)).toEqual(Array.from({ length: 9 }, () => 10));
});

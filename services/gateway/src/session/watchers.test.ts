import { LIMITS } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { FakeSink } from './room.fixture.ts';
import { type Watcher, Watchers } from './watchers.ts';

const session = (userId: string, tid = 'tenant'): Watcher => ({ tid, userId, sink: new FakeSink() });
const users = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `user ${from + n}`);

test('[USER-4] those are found who watch the user, in its tenant alone, until they watch it no more', () => {
  const watchers = new Watchers();
  const [one, another, eve] = [session('ann'), session('ann'), session('eve', 'other')];
  for (const watcher of [one, one, another, eve]) watchers.watch(watcher, ['bob', 'cy', 'bob']);
  expect([...watchers.of('tenant', 'bob')]).toEqual([one, another]);
  expect([...watchers.of('other', 'bob')]).toEqual([eve]);
  watchers.unwatch(one, ['bob', 'nobody']);
  watchers.unwatch(one, ['bob']);
  expect([...watchers.of('tenant', 'bob')]).toEqual([another]);
  expect(watchers.size).toBe(5);
  watchers.ended(another);
  expect([[...watchers.of('tenant', 'bob')], [...watchers.of('tenant', 'cy')]]).toEqual([[], [one]]);
  for (const watcher of [one, eve]) watchers.ended(watcher);
  expect(watchers.size).toBe(0);
});

test('[USER-4] what a user watches is bounded over all sessions, and one that ends makes room', () => {
  const watchers = new Watchers();
  const sessions = Array.from({ length: 20 }, () => session('ann'));
  for (const one of sessions) watchers.watch(one, users(500));
  expect(watchers.size).toBe(LIMITS.watchedByUser);
  expect(watchers.watch(sessions[19]!, users(1))).toBe(false);
  expect(watchers.watch(sessions[0]!, users(500))).toBe(true);
  expect(watchers.watch(session('bob'), users(1))).toBe(true);
  watchers.ended(sessions[0]!);
  expect(watchers.watch(sessions[19]!, users(501))).toBe(false);
  expect(watchers.size).toBe(LIMITS.watchedByUser + 1);
});

test('[USER-4] what all sessions of a gateway watch is bounded, and one that ends makes room', () => {
  const watchers = new Watchers();
  const count = LIMITS.watchedByGateway / LIMITS.watchedByUser;
  const sessions = Array.from({ length: count }, (_, n) => session(`watcher ${n}`));
  for (const one of sessions) expect(watchers.watch(one, users(LIMITS.watchedByUser))).toBe(true);
  const late = session('late', 'other');
  expect(watchers.watch(late, users(1))).toBe(false);
  expect([watchers.size, watchers.of('other', 'user 0').size]).toEqual([LIMITS.watchedByGateway, 0]);
  watchers.unwatch(sessions[0]!, users(1));
  expect(watchers.watch(late, users(2))).toBe(false);
  expect([watchers.size, [...watchers.of('other', 'user 0')]]).toEqual([LIMITS.watchedByGateway, [late]]);
});

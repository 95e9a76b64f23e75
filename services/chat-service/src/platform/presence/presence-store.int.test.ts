import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createPresenceStore, type PresenceReport, type PresenceStore } from './presence-store.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(process.env['MC_TEST_REDIS_URL'] ?? '');
});
afterAll(() => redis.disconnect());

const none = { active: [], away: [], gone: [] };
const of = async (store: PresenceStore, tid: string, ...uids: string[]) =>
  (await store.activities(tid, uids)).map(({ activity }) => activity);

/** Whom it tells of, each once. */
async function report(store: PresenceStore, tid: string, of: PresenceReport): Promise<readonly string[]> {
  const told: string[] = [];
  await store.report(tid, of, (users) => void told.push(...users));
  return [...new Set(told)];
}

/** As if the time of these users were over, in `here` or in `active`. */
const end = (tid: string, key: 'here' | 'active', ...uids: string[]) =>
  redis.zadd(`presence:{${tid}}:${key}`, ...uids.flatMap((uid) => [1, uid]));

/** Times that are long over in the end, or never. */
const shortly = { countsForMs: 300, graceMs: 100 };
const forLong = { countsForMs: 60_000, graceMs: 30_000 };

test('[PRES-1] the latest report of any gateway counts', async () => {
  const [store, tid] = [createPresenceStore(redis, forLong), randomUUID()];
  expect(await report(store, tid, { ...none, active: ['ann'], away: ['bob'] })).toEqual(['ann', 'bob']);
  expect(await of(store, tid, 'ann', 'bob', 'cy')).toEqual(['active', 'away', 'gone']);
  expect(await report(store, tid, { ...none, active: ['bob'], away: ['ann'] })).toEqual(['bob']);
  expect(await of(store, tid, 'ann', 'bob')).toEqual(['active', 'active']);
  expect(await report(store, tid, { ...none, active: ['ann', 'bob'] })).toEqual([]);
  expect(await store.onlineAmong(tid, ['cy', 'bob', 'ann'])).toEqual(['bob', 'ann']);
  expect(await of(store, randomUUID(), 'ann')).toEqual(['gone']);
});

test('[PRES-2] who comes and goes is there all the time, and nobody hears of it', async () => {
  const [store, tid] = [createPresenceStore(redis, forLong), randomUUID()];
  await report(store, tid, { ...none, active: ['ann'] });
  for (let n = 0; n < 10; n += 1) {
    expect(await report(store, tid, { ...none, gone: ['ann'] })).toEqual([]);
    expect(await of(store, tid, 'ann')).toEqual(['active']);
    expect(await report(store, tid, { ...none, active: ['ann'] })).toEqual([]);
  }
  expect(await redis.zscore(`presence:{${tid}}:here`, 'ann')).not.toBeNull();
});

test('[PRES-2] [PRES-4] who is reported no more is gone, once, and was last seen when last reported', async () => {
  const [store, tid] = [createPresenceStore(redis, shortly), randomUUID()];
  const before = Date.now();
  await report(store, tid, { ...none, active: ['ann', 'bob'], away: ['cy'] });
  await vi.waitUntil(async () => (await of(store, tid, 'ann'))[0] === 'gone', 30_000);
  const changed = await report(store, tid, none);
  expect(changed.toSorted()).toEqual(['ann', 'bob', 'cy']);
  expect(await report(store, tid, none)).toEqual([]);
  const [ann] = await store.activities(tid, ['ann']);
  expect(Math.abs((ann?.seenAt ?? 0) - before)).toBeLessThan(10_000);
  expect(await store.page(tid, undefined, 10)).toEqual({ users: [], count: 0 });
});

test('[PRES-1] who is no longer active anywhere is away', async () => {
  const [store, tid] = [createPresenceStore(redis, forLong), randomUUID()];
  await report(store, tid, { ...none, active: ['ann'] });
  expect(await report(store, tid, { ...none, away: ['ann'] })).toEqual([]);
  expect(await of(store, tid, 'ann')).toEqual(['active']);
  await end(tid, 'active', 'ann');
  expect(await of(store, tid, 'ann')).toEqual(['away']);
  expect(await report(store, tid, { ...none, away: ['ann'] })).toEqual(['ann']);
  expect(await report(store, tid, { ...none, away: ['ann'] })).toEqual([]);
});

test('[PRES-2] all who are over are found at once, however many', async () => {
  const [store, tid] = [createPresenceStore(redis, forLong), randomUUID()];
  const users = Array.from({ length: 2_500 }, (_, n) => `user ${n}`);
  const told: string[] = [];
  for (let at = 0; at < users.length; at += 500) {
    told.push(...(await report(store, tid, { ...none, active: users.slice(at, at + 500) })));
  }
  for (const key of ['here', 'active'] as const) await end(tid, key, ...users);
  expect((await store.page(tid, undefined, 1)).count).toBe(0);
  told.push(...(await report(store, tid, { ...none, active: ['ann'] })));
  // Each came and went.
  expect(told.toSorted()).toEqual([...users, ...users, 'ann'].toSorted());
  expect(await store.page(tid, undefined, 10)).toEqual({ users: ['ann'], count: 1 });
});

test('[PRES-7] pages are in the order of the ids, and stay where they are', async () => {
  const [store, tid] = [createPresenceStore(redis, forLong), randomUUID()];
  await report(store, tid, { ...none, active: ['d', 'b'], away: ['a', 'c'] });
  expect(await store.page(tid, undefined, 2)).toEqual({ users: ['a', 'b'], count: 4 });
  await report(store, tid, { ...none, active: ['a'] });
  expect(await store.page(tid, 'b', 3)).toEqual({ users: ['c', 'd'], count: 4 });
});

test('nothing is kept of who is forgotten, nor of a tenant of which nothing is reported', async () => {
  const [store, tid] = [createPresenceStore(redis, forLong), randomUUID()];
  await report(store, tid, { ...none, active: ['ann', 'bob'] });
  await store.forget(tid, 'ann');
  expect(await store.activities(tid, ['ann'])).toEqual([{ activity: 'gone', seenAt: null }]);
  expect((await store.page(tid, undefined, 10)).users).toEqual(['bob']);
  const lasts = await Promise.all(
    ['here', 'active', 'ids', 'seen'].map((key) => redis.pttl(`presence:{${tid}}:${key}`)),
  );
  expect(lasts.every((ms) => ms > 0)).toBe(true);
  expect(await report(store, tid, { ...none, gone: ['ann'] })).toEqual([]);
  expect(await store.activities(tid, ['ann'])).toEqual([{ activity: 'gone', seenAt: null }]);
});

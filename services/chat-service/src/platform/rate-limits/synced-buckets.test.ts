import { VirtualClock } from '@messagecore/kernel';
import { describe, expect, test } from 'vitest';
import type { Bucket, Buckets, Demand } from './buckets.ts';
import { createMemoryBuckets, type MemoryBuckets } from './memory-buckets.ts';
import { createSyncedBuckets, type Spending, SYNC_MS, type Tally } from './synced-buckets.ts';

/** Adds up as Redis does, and counts how often it is asked to decide. */
class MemoryStore implements Tally, Buckets {
  isAway = false;
  asked = 0;
  readonly told: Spending[] = [];
  readonly #buckets: MemoryBuckets;
  readonly #fullAt = new Map<string, number>();
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#buckets = createMemoryBuckets({ clock });
  }

  async add(spendings: readonly Spending[]) {
    if (this.isAway) throw new Error('away');
    this.told.push(...spendings);
    return spendings.map((spending) => this.#add(spending));
  }

  async take(demands: readonly Demand[]) {
    if (this.isAway) throw new Error('away');
    this.asked += demands.length;
    const taken = await this.#buckets.take(demands);
    for (const [n, demand] of demands.entries()) {
      if (taken[n]?.waitMs === 0)
        for (const { key, rate } of demand) this.#add({ key, ms: 1_000 / rate.perSecond, ageMs: 0 });
    }
    return taken;
  }

  giveBack = () => Promise.reject(new Error('is told instead'));

  #add({ key, ms, ageMs }: Spending): number {
    const now = this.#clock.monotonic();
    const at = Math.max(this.#fullAt.get(key) ?? 0, now - ageMs) + ms;
    this.#fullAt.set(key, at);
    this.#buckets.set(key, at - now);
    return Math.max(0, at - now);
  }
}

const bucket: Bucket = { key: 'user', rate: { perSecond: 10, burst: 10 } };

function twoProcesses() {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const results: unknown[] = [];
  const onResult = (error?: unknown) => void results.push(error);
  const start = () => createSyncedBuckets({ tally: store, shared: store, onResult, clock });
  return { clock, store, results, one: start(), other: start() };
}

/** How many of so many demands pass at once. */
async function passing(buckets: Buckets, count: number): Promise<number> {
  const taken = await buckets.take(Array.from({ length: count }, () => [bucket]));
  return taken.filter(({ waitMs }) => waitMs === 0).length;
}

async function advance(clock: VirtualClock, ms: number): Promise<void> {
  clock.advance(ms);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('buckets that are synced in the background', () => {
  test('[LIM-2] who keeps well below the rate never waits for the shared buckets', async () => {
    const { clock, one, store } = twoProcesses();
    for (let step = 0; step < 50; step += 1) {
      expect(await passing(one, 1)).toBe(1);
      await advance(clock, 150);
    }
    expect(store.asked).toBe(0);
    expect(store.told.reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThanOrEqual(4_800);
  });

  test('[LIM-2] two processes let through a burst and a half together at most, and then the rate', async () => {
    const { clock, one, other, store } = twoProcesses();
    expect((await passing(one, 9)) + (await passing(other, 9))).toBe(14);
    expect([await passing(one, 1), await passing(other, 1)]).toEqual([0, 0]);
    let passed = 14;
    for (let step = 0; step < 100; step += 1) {
      await advance(clock, SYNC_MS);
      passed += (await passing(one, 2)) + (await passing(other, 2));
    }
    expect(passed).toBe(110);
    expect(store.asked).toBeGreaterThan(100);
  });

  test('nobody is refused too early: what was taken counts from then on, not from when it was told', async () => {
    const { clock, one, other } = twoProcesses();
    expect(await passing(one, 5)).toBe(5);
    await advance(clock, SYNC_MS);
    await advance(clock, 400);
    expect(await passing(other, 12)).toBe(10);
  });

  test('what is put back is told too', async () => {
    const { clock, one, store } = twoProcesses();
    await passing(one, 5);
    await one.giveBack([bucket, bucket]);
    await advance(clock, SYNC_MS);
    expect(store.told).toEqual([{ key: 'user', ms: 300, ageMs: SYNC_MS }]);
    expect(await passing(one, 12)).toBe(8);
  });

  test('while the store is away it is asked once a second, and the process counts for itself', async () => {
    const { clock, one, store, results } = twoProcesses();
    store.isAway = true;
    let passed = 0;
    for (let step = 0; step < 30; step += 1) {
      passed += await passing(one, 3);
      await advance(clock, SYNC_MS);
    }
    expect(results.length).toBeLessThanOrEqual(4);
    expect(passed).toBeGreaterThanOrEqual(39);
    expect(passed).toBeLessThanOrEqual(40);
    store.isAway = false;
    await advance(clock, 2_000);
    await passing(one, 9);
    expect(results.at(-1)).toBeUndefined();
  });

  test('what passed while nobody asked the store is told, so that what is put back of it is even', async () => {
    const { clock, one, store } = twoProcesses();
    store.isAway = true;
    await passing(one, 6);
    await advance(clock, SYNC_MS);
    store.isAway = false;
    // The store is left in peace: the process gives the other five by itself, and one of them back.
    expect(await passing(one, 9)).toBe(5);
    await one.giveBack([bucket]);
    await advance(clock, 1_000);
    expect(store.told.reduce((sum, { ms }) => sum + ms, 0)).toBe(400);
  });

  test('tells the rest when it stops', async () => {
    const { one, store, clock } = twoProcesses();
    await one.take([[bucket]]);
    await one.stop();
    expect(store.told).toHaveLength(1);
    await one.take([[bucket]]);
    await advance(clock, 10 * SYNC_MS);
    expect(store.told).toHaveLength(1);
  });
});

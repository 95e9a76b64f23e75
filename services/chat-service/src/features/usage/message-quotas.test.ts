import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { PLANS } from '../../core/tenants/plans.ts';
import type { Raise, SharedCounters } from '../../platform/counters/shared-counters.ts';
import { createMessageQuotas } from './message-quotas.ts';
import type { TenantMonth } from './read-months.ts';

const TID = 'tenant';
const LIMIT = 10;

/** Counters as Redis keeps them; `broken` is Redis away. */
class Counters implements SharedCounters {
  readonly counts = new Map<string, number>();
  broken = false;
  async raise(raises: readonly Raise[]): Promise<readonly number[]> {
    if (this.broken) throw new Error('away');
    return raises.map(({ key, by, atLeast }) => {
      const count = Math.max((this.counts.get(key) ?? 0) + by, atLeast);
      this.counts.set(key, count);
      return count;
    });
  }
}

function house() {
  const clock = new VirtualClock();
  const counters = new Counters();
  const record = { messages: 0, limit: LIMIT as number | null };
  const readMonths = async (tids: readonly string[]): Promise<readonly TenantMonth[]> =>
    tids.map((tid) => ({
      ...{ tid, plan: 'basic' as const, messages: record.messages },
      limits: { ...PLANS.basic, messages: record.limit },
    }));
  const process = () => createMessageQuotas({ readMonths, counters, clock });
  return { clock, counters, record, process };
}

test('before anything is known sends pass; what a process has stored itself counts at once', async () => {
  const quotas = house().process();
  quotas.stored(TID, LIMIT);
  expect(quotas.exceeded(TID)).toBeUndefined();
  await quotas.step();
  expect(quotas.exceeded(TID)).toBe(LIMIT);
});

test('processes know of each other after a step of each', async () => {
  const { process } = house();
  const [one, other] = [process(), process()];
  for (const quotas of [one, other]) {
    quotas.exceeded(TID);
    quotas.stored(TID, LIMIT / 2);
    await quotas.step();
  }
  expect([one.exceeded(TID), other.exceeded(TID)]).toEqual([undefined, LIMIT]);
  await one.step();
  expect(one.exceeded(TID)).toBe(LIMIT);
});

test('without Redis a process counts on by itself, and by what PostgreSQL has', async () => {
  const { counters, record, process } = house();
  const quotas = process();
  counters.broken = true;
  quotas.exceeded(TID);
  quotas.stored(TID, 4);
  await quotas.step();
  record.messages = 4;
  quotas.exceeded(TID);
  quotas.stored(TID, 5);
  await quotas.step();
  expect(quotas.exceeded(TID)).toBeUndefined();
  record.messages = LIMIT;
  await quotas.step();
  expect(quotas.exceeded(TID)).toBe(LIMIT);
});

test('a counter that was lost begins at what PostgreSQL had some seconds ago, and never exceeds the truth', async () => {
  const { clock, counters, record, process } = house();
  const quotas = process();
  let truth = 0;
  for (let second = 0; second < 60; second += 1) {
    quotas.exceeded(TID);
    if (second % 4 === 0 && quotas.exceeded(TID) === undefined) {
      quotas.stored(TID, 1);
      truth += 1;
    }
    if (second === 20) counters.counts.clear();
    await quotas.step();
    record.messages = truth;
    expect(Math.max(0, ...counters.counts.values())).toBeLessThanOrEqual(truth);
    clock.advance(1_000);
  }
  expect([truth, quotas.exceeded(TID)]).toEqual([LIMIT, LIMIT]);
  expect([...counters.counts.values()]).toEqual([LIMIT]);
});

test('a limit that is raised counts with the next step, also for a tenant that does not try', async () => {
  const { record, process } = house();
  const quotas = process();
  quotas.exceeded(TID);
  quotas.stored(TID, LIMIT);
  await quotas.step();
  record.limit = null;
  await quotas.step();
  expect(quotas.exceeded(TID)).toBeUndefined();
});

test('a new month begins at nothing, under the limit of the old one', async () => {
  const { clock, process } = house();
  const quotas = process();
  quotas.exceeded(TID);
  quotas.stored(TID, LIMIT);
  await quotas.step();
  expect(quotas.exceeded(TID)).toBe(LIMIT);
  clock.advance(32 * 24 * 3_600_000);
  expect(quotas.exceeded(TID)).toBeUndefined();
  quotas.stored(TID, LIMIT);
  expect(quotas.exceeded(TID)).toBe(LIMIT);
});

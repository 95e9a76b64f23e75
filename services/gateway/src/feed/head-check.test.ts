import { VirtualClock } from '@messagecore/kernel';
import { RPC_BATCH, type RpcError, type RpcItem } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { HeadCheck } from './head-check.ts';
import type { Room } from './room.ts';

const EVERY_MS = 6_000;

/** Rooms that were all opened at once; notes when each is asked about. */
function open(count: number) {
  const clock = new VirtualClock();
  const askedAt = new Map<string, number[]>();
  const order = new Map<Room, number>();
  const record = { error: undefined as RpcError['error'] | undefined, gone: new Set<string>() };
  const checks: [cid: string, access: number][] = [];
  for (let nr = 0; nr < count; nr += 1) {
    const cid = `room ${nr}`;
    const room = { tid: 't', cid, observe() {}, access: { check: async (v: number) => void checks.push([cid, v]) } };
    order.set(room as unknown as Room, 0);
  }
  const rooms = {
    size: count,
    due: (before: number, limit: number) =>
      [...order].flatMap(([room, at]) => (at <= before ? [room] : [])).slice(0, limit),
    checked(room: Room) {
      order.delete(room);
      order.set(room, clock.monotonic());
    },
  };
  const heads = async ({ cid }: RpcItem<'heads'>) => {
    askedAt.set(cid, [...(askedAt.get(cid) ?? []), clock.monotonic()]);
    const error = record.gone.has(cid) ? 'not_found' : record.error;
    return error === undefined ? { head: 1, rev: 0, epoch: 0, first: 1, access: 7 } : { error, msg: '' };
  };
  const check = new HeadCheck({ rooms, upstream: { heads }, clock, everyMs: EVERY_MS });
  /** Steps as the loop makes them; returns how many rooms each asked about. */
  const run = async (ms: number) => {
    const counts: number[] = [];
    for (let end = clock.monotonic() + ms; clock.monotonic() < end; clock.advance(check.stepMs)) {
      const before = total();
      await check.step().catch(() => {});
      counts.push(total() - before);
    }
    return counts;
  };
  const total = () => [...askedAt.values()].reduce((sum, times) => sum + times.length, 0);
  return { clock, check, run, askedAt, record, checks, total };
}

test('[SEQ-8] [PERM-3] each room is asked about in time, and no more often', async () => {
  const { run, askedAt } = open(2_000);
  await run(60_000);
  for (const times of askedAt.values()) {
    const waits = times.map((at, nr) => at - (times[nr - 1] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(8_000);
    expect(times.length).toBeLessThanOrEqual(11);
  }
  expect(askedAt.size).toBe(2_000);
});

test('[LAG-5] rooms that were opened all at once are not asked about all at once', async () => {
  const { run } = open(12_000);
  const counts = await run(60_000);
  expect(Math.max(...counts)).toBeLessThanOrEqual(4_000);
  expect(Math.max(...counts)).toBeGreaterThan(RPC_BATCH);
});

test('[SEQ-8] when something may have been lost all are asked about at once', async () => {
  const { check, run, total } = open(300);
  await run(7_000);
  const before = total();
  check.all();
  await check.step();
  expect(total()).toBe(before + 300);
});

test('rooms that could not be asked about are due again at once', async () => {
  const { clock, check, record, total } = open(3);
  clock.advance(EVERY_MS);
  record.error = 'unavailable';
  await expect(check.step()).rejects.toThrow('unavailable');
  record.error = undefined;
  await check.step();
  expect(total()).toBe(6);
});

test('[PERM-3] one that is gone loses its members, the others are compared by their access', async () => {
  const { clock, check, record, checks } = open(2);
  record.gone.add('room 1');
  clock.advance(EVERY_MS);
  await check.step();
  expect(checks).toEqual([
    ['room 0', 7],
    ['room 1', Number.MAX_SAFE_INTEGER],
  ]);
});

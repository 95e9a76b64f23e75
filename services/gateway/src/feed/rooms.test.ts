import type { Bus } from '@messagecore/bus';
import { VirtualClock } from '@messagecore/kernel';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { FlushScheduler } from '../egress/flush-scheduler.ts';
import { Hub } from '../hub/hub.ts';
import { Rooms } from './rooms.ts';

test('[SEQ-8] rooms without members are not due, and are no reason to look for ever', () => {
  const clock = new VirtualClock();
  const rooms = new Rooms({
    bus: { subscribe: () => ({ unsubscribe() {} }), flush: async () => {} } as unknown as Bus,
    hub: new Hub(new FlushScheduler(() => {})),
    upstream: {} as never,
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
    windowBytes: { total: 1_000, room: 1_000 },
    lingering: 10,
    onTaken() {},
  });
  const place = { head: 0, rev: 0, epoch: 0, first: 1, access: 0 };
  const [full, empty] = ['full', 'empty'].map((cid) => rooms.acquire('tenant', cid));
  rooms.acquire('tenant', 'unknown');
  full!.observe(place);
  empty!.observe(place);
  full!.enter({ slot: -1 } as never);
  clock.advance(10);
  expect(rooms.due(clock.monotonic(), 10).map(({ cid }) => cid)).toEqual(['full']);
  rooms.checked(full!);
  expect(rooms.due(clock.monotonic() - 1, 10)).toEqual([]);
  rooms.release(empty!);
  expect(rooms.due(clock.monotonic(), 10)).toEqual([full]);
});

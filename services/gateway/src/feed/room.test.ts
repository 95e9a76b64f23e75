import { VirtualClock } from '@messagecore/kernel';
import { type ConvEvent, type ReadEvent, subjects } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { CID, TID } from '../egress/frames.fixture.ts';
import { FlushScheduler } from '../egress/flush-scheduler.ts';
import { Hub } from '../hub/hub.ts';
import type { RoomMember } from './ports.ts';
import { type Heads, Room } from './room.ts';

const BOB = '018f2a60-7c1e-7cc0-8000-00000000000b';

function open() {
  const told: string[] = [];
  const room = new Room(TID, CID, {
    hub: new Hub(new FlushScheduler()),
    upstream: {} as never,
    clock: new VirtualClock(),
    log: createLogger({ name: 'test', level: 'silent' }),
    onGrowth: () => {},
    onTaken: () => {},
  });
  const observe = (more: Partial<Heads>) => room.observe({ head: 0, rev: 0, epoch: 0, first: 1, access: 1, ...more });
  const enter = (userId: string) => {
    const expelled = (event: string) => told.push(`${userId} ${event}`);
    const sink = { deliver: () => true, mustDeliver: () => {} };
    room.enter({ userId, sink, expelled, restarted: () => {} } as Partial<RoomMember> as RoomMember);
  };
  const removed = (access: number, ...users: string[]) => {
    const event = { v: 1, tid: TID, cid: CID, event: 'removed', access, users } satisfies ConvEvent;
    room.receive(Buffer.from(JSON.stringify(event)), subjects.conversation(TID, CID, 'event'));
  };
  observe({});
  return { room, told, observe, enter, removed };
}

test('[PERM-1] whoever was let in by a later answer is not thrown out by an earlier removal', () => {
  const { told, observe, enter, removed } = open();
  observe({ access: 3 });
  enter(BOB);
  removed(2, BOB);
  expect(told).toEqual([]);
  removed(4, BOB);
  expect(told).toEqual([`${BOB} removed`]);
});

test('[JOIN-5] the versions of a history that was replaced mean nothing any more', () => {
  const { room, observe } = open();
  observe({ access: 9 });
  observe({ access: 4, epoch: 1 });
  expect(room.access.version).toBe(4);
});

test('[READ-1] who has read is told of each one, be it in one signal or in several', () => {
  const { room } = open();
  const user = (n: number) => `018f2a60-7c1e-7cc0-8000-00000000010${n}`;
  const say = (event: ReadEvent) =>
    room.receive(Buffer.from(JSON.stringify(event)), subjects.conversation(TID, CID, 'read'));
  say({ v: 1, cid: CID, userId: user(1), pos: 4 });
  say({
    v: 1,
    cid: CID,
    userId: user(2),
    pos: 5,
    more: [
      { userId: user(3), pos: 6 },
      { userId: user(1), pos: 3 },
    ],
  });
  room.audience.run(1_000);
  expect(room.readsAfter(0)).toHaveLength(3);
});

import type { ConvEvent, RpcError, RpcItem } from '@messagecore/protocol';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import type { Signal } from '../egress/block.ts';
import { Access } from './access.ts';
import { CID, TID } from '../egress/frames.fixture.ts';
import type { RoomMember } from './ports.ts';

const log = createLogger({ name: 'test', level: 'silent' });

function open(...users: string[]) {
  const told: string[] = [];
  const members = new Map<string, RoomMember>();
  const enter = (userId: string) =>
    members.set(userId, {
      userId,
      expelled: (event: string) => told.push(`${userId} ${event}`),
    } as Partial<RoomMember> as RoomMember);
  for (const user of users) enter(user);
  const record = { access: 1, users: new Set(users), gone: false, asked: 0, fails: false };
  const place = {
    tid: TID,
    cid: CID,
    audience: { signal: (signal: Signal) => signal.each((_json, t) => told.push(`all ${t}`)) },
    members: () => members.values(),
    leave: (member: RoomMember) => void members.delete(member.userId),
  };
  const upstream = {
    members: async ({ users: named }: RpcItem<'members'>) => {
      record.asked += 1;
      if (record.fails) return { error: 'unavailable', msg: '' } satisfies RpcError;
      if (record.gone) return { error: 'not_found', msg: '' } satisfies RpcError;
      return { access: record.access, users: named.filter((user) => record.users.has(user)) };
    },
  };
  const access = new Access(place, { upstream: upstream as never, log });
  access.start(1);
  const event = (name: ConvEvent['event'], version: number, ...named: string[]): void =>
    access.onEvent({
      v: 1,
      tid: TID,
      cid: CID,
      event: name,
      access: version,
      ...(named.length > 0 && { users: named }),
    });
  return { access, event, told, members, record, enter };
}

const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

test('[PERM-1] who is removed goes at once, the others are told', () => {
  const { event, told, members, access } = open('ann', 'bob');
  event('removed', 2, 'bob');
  expect(told).toEqual(['bob removed', 'all conv']);
  expect([...members.keys()]).toEqual(['ann']);
  expect(access.version).toBe(2);
});

test('a repeat or a late event throws nobody out again', () => {
  const { event, told, members, enter } = open('ann', 'bob');
  event('removed', 2, 'bob');
  event('added', 3, 'bob');
  enter('bob');
  told.length = 0;
  event('removed', 2, 'bob');
  event('removed', 3, 'bob');
  expect(told).toEqual([]);
  expect([...members.keys()]).toEqual(['ann', 'bob']);
});

test('a change of the conversation itself is told although no membership changed', () => {
  const { event, told } = open('ann');
  event('changed', 1);
  expect(told).toEqual(['all conv']);
});

test('[PERM-3] an event that comes too early shows that others were lost: everybody is checked', async () => {
  const { event, told, members, record, access } = open('ann', 'bob', 'cy');
  record.access = 4;
  record.users = new Set(['ann']);
  event('removed', 4, 'cy');
  expect(told).toEqual(['cy removed', 'all conv']);
  await settled();
  expect(told.at(-1)).toBe('bob removed');
  expect([...members.keys()]).toEqual(['ann']);
  expect(access.version).toBe(4);
});

test('[PERM-3] a lost last event is found by the record’s own version, and a failed check is made again', async () => {
  const { access, told, record } = open('ann', 'bob');
  record.access = 2;
  record.users = new Set(['ann']);
  record.fails = true;
  await access.check(2);
  expect([told, access.version]).toEqual([[], 1]);
  record.fails = false;
  await access.check(2);
  expect([told, access.version]).toEqual([['bob removed'], 2]);
  await access.check(2);
  expect(record.asked).toBe(2);
});

test('who enters while everybody is checked is checked too', async () => {
  const { access, told, record, enter } = open('ann');
  record.access = 2;
  record.users = new Set(['ann']);
  const checked = access.check(2);
  enter('late');
  await checked;
  expect(told).toEqual(['late removed']);
  expect(record.asked).toBe(2);
});

test('when the conversation is gone, so is everybody', async () => {
  const first = open('ann', 'bob');
  first.event('deleted', 2);
  expect(first.told).toEqual(['ann deleted', 'bob deleted', 'all conv']);
  const second = open('ann');
  second.record.gone = true;
  await second.access.check(Number.MAX_SAFE_INTEGER);
  expect(second.told).toEqual(['ann deleted']);
});

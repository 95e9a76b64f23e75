import type { ConvEvent, RpcError, RpcItem } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import type { Signal } from '../egress/block.ts';
import { Access } from './access.ts';
import { CID, TID } from '../egress/frames.fixture.ts';
import type { RoomMember } from './ports.ts';

const log = createLogger({ name: 'test', level: 'silent' });

function open(...users: string[]) {
  const told: string[] = [];
  const frames: unknown[] = [];
  const members = new Map<string, RoomMember>();
  /** Those who enter as listeners. */
  const listeners = new Set<string>();
  const enter = (userId: string, version = 1) =>
    members.set(userId, {
      userId,
      access: version,
      muted: (until: number) => void (until > 0 && told.push(`${userId} muted`)),
      get listener() {
        return listeners.has(userId);
      },
      added: () => void (listeners.delete(userId) && told.push(`${userId} added`)),
      expelled: (event: string) => told.push(`${userId} ${event}`),
    } as Partial<RoomMember> as RoomMember);
  for (const user of users) enter(user);
  const record = {
    access: 1,
    users: new Set(users),
    listening: new Set<string>(),
    gone: false,
    asked: 0,
    fails: false,
  };
  /** What was asked before this settles is answered with what the record was when asked. */
  const delay = { until: Promise.resolve() };
  const place = {
    tid: TID,
    cid: CID,
    audience: {
      signal: (signal: Signal) =>
        signal.each((json, t) => {
          told.push(`all ${t}`);
          frames.push(JSON.parse(Buffer.from(json).toString()));
        }),
    },
    members: () => members.values(),
    leave: (member: RoomMember) => void members.delete(member.userId),
  };
  const upstream = {
    members: async ({ users: named }: RpcItem<'members'>) => {
      record.asked += 1;
      if (record.fails) return { error: 'unavailable', msg: '' } satisfies RpcError;
      if (record.gone) return { error: 'not_found', msg: '' } satisfies RpcError;
      const answer = {
        access: record.access,
        users: named.filter((user) => record.users.has(user)),
        listeners: named.filter((user) => record.listening.has(user)),
      };
      await delay.until;
      return answer;
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
  return { access, event, told, members, listeners, record, enter, delay, frames };
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

test('[PERM-1] a removal that its own undoing has overtaken throws nobody out', async () => {
  const { event, told, members, record, access } = open('ann', 'bob');
  record.access = 3;
  event('added', 3, 'bob');
  event('removed', 2, 'bob');
  await settled();
  expect(told).toEqual(['all conv', 'all conv']);
  expect([...members.keys()]).toEqual(['ann', 'bob']);
  expect(access.version).toBe(3);
});

test('[PERM-1] a removal that the answer to a join has overtaken throws nobody out', async () => {
  const { event, told, members, record, access, enter } = open('ann');
  record.access = 3;
  record.users.add('bob');
  access.noteVersion(3);
  enter('bob');
  event('removed', 2, 'bob');
  event('added', 3, 'bob');
  await settled();
  expect(told).toEqual(['all conv', 'all conv']);
  expect([...members.keys()]).toEqual(['ann', 'bob']);
});

test('[PERM-1] an overtaken removal of one who is not back takes effect as soon as the record has answered', async () => {
  const { event, told, members, record } = open('ann', 'bob');
  record.access = 3;
  record.users = new Set(['ann', 'cy']);
  event('added', 3, 'cy');
  event('removed', 2, 'bob');
  await settled();
  expect(told).toEqual(['all conv', 'all conv', 'bob removed']);
  expect([...members.keys()]).toEqual(['ann']);
});

test('[PERM-1] an overtaken event names nobody: it may not be true any more', () => {
  const { event, access, frames, record } = open('ann');
  record.access = 3;
  access.noteVersion(3);
  event('removed', 2, 'bob');
  event('removed', 3, 'cy');
  expect(frames).toEqual([
    { t: 'conv', cid: CID, event: 'changed' },
    { t: 'conv', cid: CID, event: 'removed', users: ['cy'] },
  ]);
});

test('[PERM-3] what is heard of while everybody is checked is checked too', async () => {
  const { event, told, members, record, access, delay } = open('ann', 'bob', 'cy');
  const { promise, resolve } = Promise.withResolvers<void>();
  delay.until = promise;
  record.access = 3;
  event('changed', 3);
  record.access = 5;
  record.users = new Set(['ann', 'bob']);
  event('changed', 5);
  resolve();
  await settled();
  expect(told.at(-1)).toBe('cy removed');
  expect([[...members.keys()], access.version]).toEqual([['ann', 'bob'], 5]);
});

test('[PERM-3] a join that read less than was heard of is stale, also while the members are not yet checked', () => {
  const { event, access, record } = open('ann');
  record.access = 3;
  event('removed', 3, 'bob');
  expect(access.version).toBe(3);
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

test('[LAG-5] somebody who joins in each round is no reason to ask again and again', async () => {
  const { access, record, enter, members } = open('ann', 'bob');
  record.access = 2;
  record.users = new Set(['ann']);
  // As real joins do: whoever comes was let in by an answer that knows of the change.
  const { users } = record;
  const has = users.has.bind(users);
  let came = 0;
  users.has = (user) => {
    if (came < 1_000 && user === 'ann') enter(`guest ${(came += 1)}`, 2);
    return has(user);
  };
  await access.check(2);
  expect([record.asked, members.has('bob')]).toEqual([1, false]);
});

test('[LAG-5] a membership that goes on changing ends a check, which is made again later', async () => {
  const { access, record, enter } = open('ann');
  record.users = new Set(['ann']);
  record.access = 2;
  const { users } = record;
  const has = users.has.bind(users);
  let came = 0;
  users.has = (user) => {
    enter(`late ${(came += 1)}`);
    users.add(`late ${came}`);
    return has(user);
  };
  await access.check(2);
  expect(record.asked).toBe(5);
  users.has = has;
  await access.check(2);
  expect(record.asked).toBe(6);
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

test('a record that stands behind what was heard of decides nothing, and is asked once at a time', async () => {
  const { event, told, record, access } = open('ann');
  record.users = new Set();
  event('changed', 3);
  await settled();
  expect([told, record.asked, access.version]).toEqual([['all conv'], 1, 3]);
  record.access = 3;
  await access.check(3);
  expect(told.at(-1)).toBe('ann removed');
});

test('who comes back while everybody is checked is not measured by what was asked before', async () => {
  const { access, told, record, enter, delay } = open('ann', 'bob');
  const { promise, resolve } = Promise.withResolvers<void>();
  delay.until = promise;
  record.access = 2;
  record.users = new Set(['ann']);
  const checked = access.check(2);
  record.access = 3;
  record.users.add('bob');
  access.noteVersion(3);
  enter('bob');
  resolve();
  await checked;
  expect([told, access.version]).toEqual([[], 3]);
});

test('[PERM-1] [LSN-2] [LSN-4] in an open channel too, a change that was missed removes who took part and adds who listened', async () => {
  const { access, event, told, members, listeners, record, enter, frames } = open('ann', 'bob');
  listeners.add('cyd').add('dan');
  for (const user of ['cyd', 'dan']) enter(user);
  record.users.add('cyd').add('dan');
  // Bob was removed and may listen on; Cyd was added. The events come late: others are known of.
  record.listening.add('bob').add('dan');
  record.access = 4;
  access.noteVersion(4);
  event('removed', 2, 'bob');
  await settled();
  expect(told.filter((each) => !each.startsWith('all'))).toEqual(['bob removed', 'cyd added']);
  expect([...members.keys()]).toEqual(['ann', 'cyd', 'dan']);
  expect(frames.at(-1)).toEqual({ t: 'conv', cid: CID, event: 'added', users: ['cyd'] });
});

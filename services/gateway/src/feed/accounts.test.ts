import type { MessageHandler } from '@messagecore/bus';
import { VirtualClock } from '@messagecore/kernel';
import { ChatError, ConvEventName } from '@messagecore/protocol';
import { encodeTenantList, encodeUserFrame, subjects } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { Accounts } from './accounts.ts';

function open() {
  const clock = new VirtualClock();
  const handlers = new Map<string, MessageHandler>();
  const log: string[] = [];
  const users = new Set<string>();
  const state = { bus: true, flushes: 0 };
  const present = { hasTenant: () => users.size > 0, hasUser: (uid: string) => users.has(uid) };
  const accounts = new Accounts({
    bus: {
      subscribe(subject, handler) {
        handlers.set(subject, handler);
        return { unsubscribe: () => void handlers.delete(subject) };
      },
      flush: async () => {
        state.flushes += 1;
        if (!state.bus) throw new ChatError('unavailable', 'no bus');
      },
    },
    clock,
    sessions: {
      ...present,
      onUser: (tid, userId, { event }) => log.push(`${tid} ${userId} ${event}`),
      onFrame: (tid, userId, { exceptSid }, json) =>
        log.push(`${tid} ${userId} not ${exceptSid}: ${Buffer.from(json).toString()}`),
      onTenant: (tid, { event }) => log.push(`${tid} ${event}`),
    },
    onWatched: (tid, { watching }, json) => log.push(`${tid} watching ${watching}: ${Buffer.from(json).toString()}`),
    onListChanged: (tid, list, json) => log.push(`${tid} ${list} changed: ${Buffer.from(json).toString()}`),
    onMembership: (tid, userId, cid) => log.push(`${tid} ${userId} membership of ${cid}`),
    onDropped: (tid, uid = '') => log.push(`${tid} ${uid} dropped`),
  });
  const end = (uid: string) => {
    users.delete(uid);
    accounts.ended('acme', uid, present);
  };
  const openSession = async (uid: string) => {
    await accounts.acquire('acme', uid);
    users.add(uid);
    accounts.release('acme', uid);
  };
  return { accounts, handlers, log, clock, state, openSession, end };
}

const bytes = (event: object) => Buffer.from(JSON.stringify({ v: 1, ...event }));
const nothing = () => undefined;

test('what is said about a tenant and its users with sessions here is passed on, of other users nothing comes', async () => {
  const { handlers, log, openSession } = open();
  await openSession('ann');
  handlers.get(subjects.tenant('acme'))!(bytes({ event: 'suspended' }), subjects.tenant('acme'), nothing);
  const ann = subjects.user('acme', 'ann');
  handlers.get(ann)!(bytes({ event: 'deactivated' }), ann, nothing);
  expect(log).toEqual(['acme suspended', 'acme ann deactivated']);
  expect([...handlers.keys()]).toEqual([subjects.tenant('acme'), ann]);
});

test('a frame for a user is passed on as it came', async () => {
  const { handlers, log, openSession } = open();
  await openSession('ann');
  const ann = subjects.user('acme', 'ann');
  const payload = encodeUserFrame({ exceptSid: 's1' }, '{"t": "event",  "new": 1}');
  handlers.get(ann)!(Buffer.from(payload), ann, nothing);
  expect(log).toEqual(['acme ann not s1: {"t": "event",  "new": 1}']);
});

test('a frame about a list of the tenant is passed on as it came', async () => {
  const { handlers, log, openSession } = open();
  await openSession('ann');
  const acme = subjects.tenant('acme');
  handlers.get(acme)!(Buffer.from(encodeTenantList('emojis', '{"t": "event"}')), acme, nothing);
  expect(log).toEqual(['acme emojis changed: {"t": "event"}']);
});

test('[INB-4] only events by which a user begins or ends to take part say that about a conversation', async () => {
  const { handlers, log, openSession } = open();
  await openSession('ann');
  const ann = subjects.user('acme', 'ann');
  const cid = '00000000-0000-4000-8000-000000000001';
  const saying = ConvEventName.options.filter((conv) => {
    log.length = 0;
    handlers.get(ann)!(bytes({ event: 'conv', cid, conv }), ann, nothing);
    expect(log[0]).toBe('acme ann conv');
    return log.includes(`acme ann membership of ${cid}`);
  });
  expect(saying).toEqual(['created', 'deleted', 'added', 'removed']);
});

test('[REVK-4] heard is only what came after the bus had both subscriptions', async () => {
  const { accounts, clock } = open();
  const before = clock.monotonic();
  clock.advance(1);
  await accounts.acquire('acme', 'ann');
  expect(accounts.completeSince('acme', 'ann', before)).toBe(false);
  expect(accounts.completeSince('acme', 'ann', clock.monotonic())).toBe(true);
  expect(accounts.completeSince('acme', 'bob', clock.monotonic())).toBe(false);
});

test('[REVK-4] with the last session, and some time, listening ends, and that is told', async () => {
  const { accounts, clock, handlers, log, openSession, end } = open();
  await openSession('ann');
  await openSession('bob');
  clock.advance(60_000);
  accounts.sweep();
  expect([handlers.size, log]).toEqual([3, []]);
  end('ann');
  clock.advance(29_000);
  accounts.sweep();
  expect(log).toEqual([]);
  clock.advance(1_000);
  accounts.sweep();
  expect([log, handlers.has(subjects.user('acme', 'bob'))]).toEqual([['acme ann dropped'], true]);
  end('bob');
  clock.advance(30_000);
  accounts.sweep();
  expect([handlers.size, accounts.size]).toEqual([0, 0]);
});

test('[LAG-4] users that nobody needs are bounded: made-up tokens cost no more', async () => {
  const { accounts, handlers } = open();
  for (let user = 0; user < 12_000; user += 1) {
    await accounts.acquire('acme', `user ${user}`);
    accounts.release('acme', `user ${user}`);
  }
  expect(handlers.size).toBeLessThanOrEqual(10_001);
  expect(handlers.has(subjects.user('acme', 'user 11999'))).toBe(true);
});

test('subscriptions of one turn share a round trip, and without the bus nothing is held', async () => {
  const { accounts, state, handlers } = open();
  await Promise.all(['ann', 'bob', 'cy'].map((uid) => accounts.acquire('acme', uid)));
  expect(state.flushes).toBe(1);
  state.bus = false;
  await expect(accounts.acquire('acme', 'di')).rejects.toThrow('no bus');
  await expect(accounts.acquire('other', 'di')).rejects.toThrow('no bus');
  expect([...handlers.keys()].some((subject) => subject.includes('di'))).toBe(false);
});

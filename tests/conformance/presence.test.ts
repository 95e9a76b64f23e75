import { randomUUID } from 'node:crypto';
import type { DownFrameOf } from '@messagecore/protocol';
import {
  type OnlinePage,
  type OwnPresence,
  type Presences,
  presenceOperations as operations,
} from '@messagecore/protocol/features';
import { call, must, type RawClient, SseClient, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { callOf } from '../support/operations.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

type State = DownFrameOf<'presence'>['state'];
type By = Pick<TestUser, 'auth'>;

/** Beyond the default of the record: a session that has ended counts a while longer. */
const patient = { timeoutMs: 45_000 };

const presenceOf = async ({ auth }: By, ...users: Pick<TestUser, 'userId'>[]) => {
  const query = users.map(({ userId }) => `users=${userId}`).join('&');
  const { items } = await must<Presences>('GET', `${system.api}/v1/presence?${query}`, { headers: auth });
  return items;
};
const stateOf = async (by: By, user: TestUser) => (await presenceOf(by, user))[0]?.state;
const untilIs = (state: State, by: By, user: TestUser) =>
  vi.waitUntil(async () => (await stateOf(by, user)) === state, { timeout: 45_000, interval: 200 });
const choose = ({ auth }: By, body: object) =>
  must<OwnPresence>('PUT', `${system.api}/v1/users/me/presence`, { headers: auth, body });

const watch = (client: RawClient, ...users: Pick<TestUser, 'userId'>[]) =>
  client.sendFrame({ t: 'watch', users: users.map(({ userId }) => userId) });
const heard = ({ record }: RawClient, { userId }: TestUser) =>
  record.of('presence', { user: userId }).map(({ state }) => state);

test.concurrent('[PRES-1] [PRES-5] a user is online while somebody is at one of the devices, at whatever gateway', async () => {
  const { users } = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = users;
  const eye = await system.connect(ann, { gateway: 1 });
  watch(eye, bob);
  await eye.record.next('presence', { user: bob.userId, state: 'offline' });
  const phone = await system.connect(bob, { gateway: 0, clientId: 'phone' });
  await eye.record.next('presence', { user: bob.userId, state: 'online' });
  const desk = await system.connect(bob, { gateway: 1, clientId: 'desk' });
  phone.sendFrame({ t: 'presence', state: 'away' });
  desk.sendFrame({ t: 'presence', state: 'away' });
  await eye.record.next('presence', { user: bob.userId, state: 'away' }, patient);
  phone.sendFrame({ t: 'presence', state: 'online' });
  await eye.record.until('online again', () => heard(eye, bob).at(-1) === 'online');
  desk.sendFrame({ t: 'presence', state: 'online' });
  await phone.close();
  const { length } = eye.record.all;
  await desk.close();
  const last = await eye.record.next('presence', { user: bob.userId, state: 'offline' }, { from: length, ...patient });
  expect(heard(eye, bob)).toEqual(['offline', 'online', 'away', 'online', 'offline']);
  expect(Math.abs((last.lastSeen ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(await presenceOf(ann, bob)).toEqual([{ userId: bob.userId, state: 'offline', lastSeen: last.lastSeen }]);
});

test.concurrent('[PRES-2] of a connection that comes and goes nobody hears', async () => {
  const { users } = await newRoom(system, 'ann', 'bob', 'cy');
  const { ann, bob, cy } = users;
  const eye = await system.connect(ann, { gateway: 1 });
  let flapping = await system.connect(bob);
  await untilIs('online', ann, bob);
  watch(eye, bob, cy);
  await eye.record.next('presence', { user: bob.userId, state: 'online' });
  for (let n = 1; n <= 10; n += 1) {
    flapping.cut();
    flapping = await system.connect(bob, { gateway: n % 2 });
  }
  // What is told of bob is told before this.
  await system.connect(cy);
  await eye.record.next('presence', { user: cy.userId, state: 'online' });
  expect(heard(eye, bob)).toEqual(['online']);
  expect(await stateOf(ann, bob)).toBe('online');
});

test.concurrent('[PRES-3] [PRES-4] what was chosen is shown on all devices; who is invisible is offline', async () => {
  const { users } = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = users;
  const phone = await system.connect(bob);
  const desk = await system.connect(bob, { gateway: 1, clientId: 'desk' });
  await untilIs('online', ann, bob);
  const eye = await system.connect(ann, { gateway: 1 });
  watch(eye, bob);
  await eye.record.next('presence', { user: bob.userId, state: 'online' });
  expect(await callOf(phone, operations.setPresence, { choice: 'busy' })).toMatchObject({ t: 'result' });
  await eye.record.next('presence', { user: bob.userId, state: 'busy' });
  const own = { event: 'presence.own', data: { choice: 'busy', showsLastSeen: true } };
  expect(await desk.record.next('event')).toEqual({ t: 'event', ...own });
  expect(phone.record.of('event')).toEqual([]);

  expect(await choose(bob, { choice: 'invisible' })).toEqual({ choice: 'invisible', showsLastSeen: true });
  const { lastSeen } = await eye.record.next('presence', { user: bob.userId, state: 'offline' });
  expect(lastSeen).toBeDefined();
  await desk.close();
  await choose(bob, { choice: 'invisible' });
  expect(await presenceOf(ann, bob)).toEqual([{ userId: bob.userId, state: 'offline', lastSeen }]);
  expect(await presenceOf(bob, bob)).toEqual([{ userId: bob.userId, state: 'offline', lastSeen }]);
  expect(await choose(bob, { showsLastSeen: false })).toEqual({ choice: 'invisible', showsLastSeen: false });
  expect(await presenceOf(ann, bob)).toEqual([{ userId: bob.userId, state: 'offline', lastSeen: null }]);
  await choose(bob, { choice: 'online' });
  await eye.record.until('online again', () => heard(eye, bob).at(-1) === 'online');
  expect(heard(eye, bob)).toEqual(['online', 'busy', 'offline', 'online']);
});

test.concurrent('[PRES-6] who has blocked whom are offline for each other, guests see whom they share a conversation with', async () => {
  const { tenant, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const { ann, bob, cy } = users;
  const guest = await tenant.user('gus');
  await system.sql`update users set role = 'guest' where id = ${guest.userId}`;
  await Promise.all([ann, bob, cy].map((user) => system.connect(user)));
  for (const user of [ann, bob]) await untilIs('online', cy, user);
  await must('PUT', `${system.api}/v1/users/me/blocks/${bob.userId}`, { headers: ann.auth });
  expect(await presenceOf(ann, bob, cy)).toMatchObject([{ state: 'offline', lastSeen: null }, { state: 'online' }]);
  expect(await presenceOf(bob, ann, cy)).toMatchObject([{ state: 'offline', lastSeen: null }, { state: 'online' }]);
  const eye = await system.connect(guest);
  watch(eye, ann, cy);
  const cid = await tenant.channel(cy, guest);
  watch(eye, cy);
  await eye.record.next('presence', { user: cy.userId, state: 'online' });
  expect(heard(eye, ann)).toEqual([]);
  expect(cid).toBeDefined();
});

test.concurrent('[PRES-6] [ISO-2] another tenant’s users are as users who do not exist', async () => {
  const [here, there] = [await newRoom(system, 'ann'), await newRoom(system, 'eve')];
  const { ann } = here.users;
  const { eve } = there.users;
  await system.connect(eve);
  await untilIs('online', eve, eve);
  const eye = await system.connect(ann);
  watch(eye, eve, { userId: randomUUID() }, ann);
  await eye.record.next('presence', { user: ann.userId, state: 'online' });
  await choose(eve, { choice: 'busy' });
  await choose(ann, { choice: 'busy' });
  await eye.record.next('presence', { user: ann.userId, state: 'busy' });
  expect(eye.record.of('presence').filter(({ user }) => user !== ann.userId)).toEqual([]);
  const asked = [eve.userId, randomUUID()].map(async (userId) => {
    const answer = await call('GET', `${system.api}/v1/presence?users=${userId}`, { headers: ann.auth });
    return [
      answer.status,
      JSON.stringify(answer.body)
        .replaceAll(userId, 'ID')
        .replace(/"correlationId":"[^"]*"/, ''),
    ];
  });
  const [real, none] = await Promise.all(asked);
  expect(real).toEqual(none);
  expect(real?.[0]).toBe(404);
});

test.concurrent('[PRES-6] [ISO-2] who watches another tenant’s user changes nothing for those who see that one', async () => {
  const [here, there] = [await newRoom(system, 'ann'), await newRoom(system, 'eve', 'fay')];
  const { eve, fay } = there.users;
  await system.connect(eve, { gateway: 1 });
  await untilIs('online', fay, eve);
  const [stranger, eye] = [await system.connect(here.users.ann), await system.connect(fay)];
  for (let n = 0; n < 10; n += 1) {
    for (const client of [eye, stranger]) watch(client, eve);
    await eye.record.until('the state', () => heard(eye, eve).length > n);
    for (const client of [eye, stranger]) client.sendFrame({ t: 'unwatch', users: [eve.userId] });
  }
  expect(new Set(heard(eye, eve))).toEqual(new Set(['online']));
  expect(heard(stranger, eve)).toEqual([]);
});

test.concurrent('[PRES-7] lists who is there, of a conversation and of the tenant', async () => {
  const { tenant, cid, users } = await newRoom(system, 'ann', 'bob', 'cy', 'dan');
  const { ann, bob, cy, dan } = users;
  const outside = await tenant.user('outside');
  await Promise.all([ann, bob, cy, outside].map((user) => system.connect(user)));
  for (const user of [ann, bob, cy, outside]) await untilIs('online', ann, user);
  await choose(cy, { choice: 'invisible' });
  const list = (path: string, headers: Readonly<Record<string, string>>) =>
    must<OnlinePage>('GET', `${system.api}/v1${path}`, { headers });
  const idsOf = (...some: TestUser[]) => some.map(({ userId }) => userId).toSorted();
  const ofRoom = await list(`/conversations/${cid}/online`, ann.auth);
  expect(ofRoom.items.map(({ userId }) => userId)).toEqual(idsOf(ann, bob));
  expect(ofRoom).toMatchObject({ next: null, count: 2 });
  const first = await list(`/conversations/${cid}/online?limit=1`, dan.auth);
  const second = await list(`/conversations/${cid}/online?limit=1&cursor=${first.next}`, dan.auth);
  expect([...first.items, ...second.items].map(({ userId }) => userId)).toEqual(idsOf(ann, bob));
  expect([first.count, second.count, second.next]).toEqual([2, null, null]);

  const ofTenant: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const after = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: OnlinePage = await list(`/presence/online?limit=2${after}`, tenant.backEnd);
    expect(page.count).toBe(4);
    ofTenant.push(...page.items.map(({ userId }) => userId));
    cursor = page.next;
  }
  expect(ofTenant).toEqual(idsOf(ann, bob, outside));
});

test.concurrent('[PRES-5] a stream watches users by its address', async () => {
  const { users } = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = users;
  const stream = await SseClient.start({ url: system.sse(), token: ann.token, from: [], watch: [bob.userId] });
  await stream.record.next('presence', { user: bob.userId, state: 'offline' });
  await system.connect(bob, { gateway: 1 });
  await stream.record.next('presence', { user: bob.userId, state: 'online' });
  stream.close();
  const bad = await SseClient.open({ url: system.sse(), token: ann.token, from: [], watch: ['bob'] });
  expect(bad).toMatchObject({ status: 400, body: expect.stringContaining('watch') });
});

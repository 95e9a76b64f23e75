import { waitUntil } from '@messagecore/dev-servers';
import { LIMITS } from '@messagecore/protocol';
import type { Conversation, Receipts } from '@messagecore/protocol/features';
import { call, must, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fill, joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const ackedBy = async (cid: string, clientId: string) =>
  (
    await system.sql<{ pos: number }[]>`
      select acked_seq::int as pos from device_cursors where conversation_id = ${cid} and client_id = ${clientId}`
  )[0]?.pos;

const standing = (cid: string, user: TestUser) =>
  must<Conversation>('GET', `${system.api}/v1/conversations/${cid}`, { headers: user.auth });

async function filled(count: number) {
  const room = await newRoom(system, 'ann', 'bob');
  const clients = await joinAll(system, room);
  const head = await fill(clients.ann, room.cid, count);
  if (count > 0) await clients.bob.record.next('message', { cid: room.cid, seq: head });
  return { ...room, ...clients, head };
}

test('[ACK-1] a device’s position only moves forward, up to the head', async () => {
  const { cid, head, tenant } = await filled(10);
  const phone = await system.connect(await tenant.user('bob', { clientId: 'phone' }));
  await phone.join(cid);
  phone.sendFrame({ t: 'ack', cid, pos: head - 3 });
  await waitUntil('the first report', async () => (await ackedBy(cid, 'phone')) === head - 3);
  phone.sendFrame({ t: 'ack', cid, pos: head - 8 });
  phone.sendFrame({ t: 'ack', cid, pos: head + 1_000 });
  await waitUntil('the last report', async () => (await ackedBy(cid, 'phone')) === head);
  phone.sendFrame({ t: 'ack', cid, pos: 1 });
  phone.sendFrame({ t: 'read', cid, pos: head });
  await phone.record.next('read', { cid, pos: head });
  expect(await ackedBy(cid, 'phone')).toBe(head);
  expect(phone.record.of('error')).toEqual([]);
});

test('[ACK-2] each device has its own', async () => {
  const { cid, head, tenant } = await filled(10);
  for (const [clientId, pos] of [
    ['phone', head - 5],
    ['laptop', head - 1],
  ] as const) {
    const device = await system.connect(await tenant.user('bob', { clientId }));
    await device.join(cid);
    device.sendFrame({ t: 'ack', cid, pos });
    await waitUntil(`${clientId}’s report`, async () => (await ackedBy(cid, clientId)) === pos);
  }
  expect(await ackedBy(cid, 'phone')).toBe(head - 5);
});

test('[READ-1] a report moves the position and everybody hears of it', async () => {
  const { cid, head, users, ann, bob } = await filled(10);
  bob.sendFrame({ t: 'read', cid, pos: head - 2 });
  for (const { record } of [ann, bob]) await record.next('read', { cid, pos: head - 2, from: users.bob.userId });
  expect(await standing(cid, users.bob)).toMatchObject({ readPos: head - 2, unread: 2 });
  const later = await system.connect(users.ann);
  expect((await later.join(cid)).reads).toMatchObject({ [users.bob.userId]: head - 2 });
});

test('[READ-2] a report at or behind the position says nothing to anybody', async () => {
  const { cid, head, users, ann, bob } = await filled(10);
  bob.sendFrame({ t: 'read', cid, pos: head - 1 });
  await bob.record.next('read', { cid, pos: head - 1 });
  for (const pos of [head - 1, head - 5, 0]) bob.sendFrame({ t: 'read', cid, pos });
  bob.sendFrame({ t: 'read', cid, pos: head });
  for (const { record } of [ann, bob]) await record.next('read', { cid, pos: head });
  expect(ann.record.of('read').map(({ pos }) => pos)).toEqual([head - 1, head]);
  expect((await standing(cid, users.bob)).readPos).toBe(head);
});

test('[READ-3] beyond the head counts as the head', async () => {
  const { cid, head, users, ann, bob } = await filled(5);
  bob.sendFrame({ t: 'read', cid, pos: head + 1_000_000 });
  await ann.record.next('read', { cid, pos: head, from: users.bob.userId });
  expect(await standing(cid, users.bob)).toMatchObject({ readPos: head, unread: 0 });
  await fill(ann, cid, 3);
  expect(await standing(cid, users.bob)).toMatchObject({ readPos: head, unread: 3 });
});

test('[READ-4] one’s own messages, those of the service and recalled ones are not unread', async () => {
  const { cid, users, ann, bob } = await filled(0);
  const [kept, recalled] = [await ann.sayAndWait(cid, 'kept'), await ann.sayAndWait(cid, 'taken back')];
  const unread = async () => (await standing(cid, users.bob)).unread;
  expect(await unread()).toBe(2);
  await bob.sayAndWait(cid, 'my own');
  await must('PATCH', `${system.api}/v1/conversations/${cid}`, { headers: users.ann.auth, body: { topic: 'told' } });
  expect(await unread()).toBe(2);
  ann.sendFrame({ t: 'recall', cid, seq: recalled, ref: 'r' });
  await bob.record.next('update', { cid, seq: recalled });
  expect(await unread()).toBe(1);
  const list = await must<{ items: Conversation[] }>('GET', `${system.api}/v1/conversations`, {
    headers: users.bob.auth,
  });
  expect(list.items.find((item) => item.cid === cid)).toMatchObject({ unread: 1 });
  const told = await must('PUT', `${system.api}/v1/conversations/${cid}/read`, {
    headers: users.bob.auth,
    body: { pos: kept - 1 },
  });
  expect(told).toEqual({ pos: kept - 1, unread: 1 });
  expect(await standing(cid, users.ann)).toMatchObject({ unread: 1 });
});

test('[READ-4] while people send, recall and join, unread is what a look at the history says', async () => {
  const { cid, users, ann, bob, tenant } = await filled(0);
  const others = await tenant.users('cy', 'dan', 'eve');
  const mids = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? ann : bob).say(cid, `${n}`));
  await Promise.all(
    others.map(({ userId }) =>
      must('POST', `${system.api}/v1/conversations/${cid}/participants`, {
        headers: users.ann.auth,
        body: { users: [userId] },
      }),
    ),
  );
  for (const { record } of [ann, bob]) await record.until('acks', () => record.of('ack').length === mids.length / 2);
  for (const { pos } of ann.record.of('ack').slice(0, 5)) {
    ann.sendFrame({ t: 'recall', cid, seq: pos, ref: `r${pos}` });
  }
  await bob.record.until('recalls', () => bob.record.of('update').length === 5);
  expect(await standing(cid, users.bob)).toMatchObject({ head: 43, unread: 15 });
  expect(await standing(cid, users.ann)).toMatchObject({ head: 43, unread: 20 });
});

test('[READ-4] beyond 200 messages after the position every one counts', async () => {
  const { cid, users, ann, bob } = await filled(0);
  await fill(bob, cid, 10);
  await fill(ann, cid, 190);
  expect(await standing(cid, users.bob)).toMatchObject({ head: 200, unread: 190 });
  await fill(bob, cid, 7);
  expect(await standing(cid, users.bob)).toMatchObject({ head: 207, unread: 197 });
});

test('[READ-4] the furthest report of a user’s devices wins', async () => {
  const { cid, head, users, ann } = await filled(10);
  const phone = await system.connect(users.bob, { clientId: 'phone', gateway: 0 });
  const laptop = await system.connect(users.bob, { clientId: 'laptop', gateway: 1 });
  await Promise.all([phone.join(cid), laptop.join(cid)]);
  phone.sendFrame({ t: 'read', cid, pos: head - 1 });
  await laptop.record.next('read', { cid, pos: head - 1, from: users.bob.userId });
  laptop.sendFrame({ t: 'read', cid, pos: head - 6 });
  laptop.sendFrame({ t: 'read', cid, pos: head });
  await ann.record.next('read', { cid, pos: head });
  expect(ann.record.of('read').map(({ pos }) => pos)).toEqual([head - 1, head]);
  expect(await standing(cid, users.bob)).toMatchObject({ readPos: head, unread: 0 });
});

test('[READ-7] read by how many of how many, whom it has reached, and who they are', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob', 'cyd', 'dan');
  const clients = await joinAll(system, { cid, users, tenant, tid: tenant.tenantId });
  const seq = await clients.ann.sayAndWait(cid, 'who reads this?');
  const receipts = (user: TestUser, query = '', at = seq) =>
    call<Receipts>('GET', `${system.api}/v1/conversations/${cid}/messages/${at}/receipts${query}`, {
      headers: user.auth,
    });
  expect((await receipts(users.ann)).body).toMatchObject({ of: 3, delivered: 0, read: 0, items: [], next: null });
  clients.bob.sendFrame({ t: 'read', cid, pos: seq });
  clients.cyd.sendFrame({ t: 'ack', cid, pos: seq });
  clients.dan.sendFrame({ t: 'ack', cid, pos: seq - 1 });
  await vi.waitUntil(async () => (await receipts(users.ann)).body.delivered === 2, { timeout: 60_000 });
  const read = (await receipts(users.dan)).body;
  expect(read).toMatchObject({ cid, seq, of: 3, delivered: 2, read: 1 });
  expect(read.items).toEqual([{ userId: users.bob.userId, displayName: expect.any(String) }]);
  const reached = [users.bob.userId, users.cyd.userId].sort();
  const first = (await receipts(users.ann, '?state=delivered&limit=1')).body;
  const second = (await receipts(users.ann, `?state=delivered&limit=1&cursor=${first.next}`)).body;
  expect([...first.items, ...second.items].map(({ userId }) => userId)).toEqual(reached);
  expect(second.next).toBe(null);
  expect((await receipts(users.ann, '', seq + 1)).status).toBe(404);
  expect((await receipts(await tenant.user('stranger'))).status).toBe(403);
});

test('[READ-7] of a conversation with too many participants nobody is told', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'who reads this?');
  const url = `${system.api}/v1/conversations/${cid}/messages/${seq}/receipts`;
  const asked = () => call<Receipts>('GET', url, { headers: users.ann.auth });
  const add = (count: number) => system.sql`
    with added as (
      insert into users (id, tenant_id, display_name)
      select gen_random_uuid(), ${tenant.tenantId}, 'one of many' from generate_series(1, ${count}) returning id
    )
    insert into participants (conversation_id, user_id, tenant_id, role)
    select ${cid}, id, ${tenant.tenantId}, 'member' from added`;
  await add(LIMITS.membersCounted - 1);
  expect((await asked()).body).toMatchObject({ of: LIMITS.membersCounted, read: 0 });
  await add(1);
  expect(await asked()).toMatchObject({ status: 413, body: { code: 'too_large' } });
});

import { waitUntil } from '@messagecore/dev-servers';
import type { Conversation } from '@messagecore/protocol';
import { must, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  await clients.bob.record.next('message', { cid: room.cid, seq: head });
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

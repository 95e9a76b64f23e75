import { CLOSE } from '@messagecore/protocol';
import { subjects, type UserEvent } from '@messagecore/protocol/bus';
import { must, SseClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endUnpublished } from '../support/unpublished-changes.ts';
import { joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
/** Shortened from 25 s. */
const REVERIFY_MS = 2_000;

beforeAll(async () => {
  system = await startSystem({ gateway: { timing: { reverifyMs: REVERIFY_MS } } });
});
afterAll(() => system.stop());

test('[REVK-1] suspending a tenant ends its sessions, and reactivating lets them in again', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const bystander = await newRoom(system, 'eve');
  const eve = await system.connect(bystander.users.eve);
  const { ann, bob } = await joinAll(system, room);
  await room.tenant.administer('suspend');
  for (const session of [ann, bob]) {
    expect(await session.closed).toMatchObject({ code: CLOSE.forbidden });
    expect(session.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'suspended' });
  }
  const refused = system.dial({ token: room.users.ann.token, gateway: 1 });
  expect(await refused.closed).toMatchObject({ code: CLOSE.forbidden });
  expect(refused.frames).toMatchObject([{ t: 'error', code: 'tenant_suspended' }]);
  await eve.settle();
  await room.tenant.administer('reactivate');
  const back = await system.connect(room.users.ann);
  await back.join(room.cid);
});

test('[REVK-2] deactivating a user ends the user’s sessions', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = await joinAll(system, room);
  const { tid, users } = room;
  await system.sql`update users set status = 'deactivated' where tenant_id = ${tid} and id = ${users.bob.userId}`;
  const event: UserEvent = { v: 1, event: 'deactivated' };
  system.bus.publish(subjects.user(tid, users.bob.userId), JSON.stringify(event));
  expect(await bob.closed).toMatchObject({ code: CLOSE.forbidden });
  const refused = system.dial({ token: users.bob.token });
  expect([CLOSE.forbidden, CLOSE.unauthorized]).toContain((await refused.closed).code);
  await ann.settle();
});

test('[REVK-3] revoking a device ends its sessions alone', async () => {
  const { tenant } = await newRoom(system, 'ann');
  const phone = await tenant.user('ann', { clientId: 'phone' });
  const laptop = await tenant.user('ann', { clientId: 'laptop' });
  const onPhone = await Promise.all([0, 1].map((gateway) => system.connect(phone, { gateway, clientId: 'phone' })));
  const onLaptop = await system.connect(laptop, { clientId: 'laptop' });
  await must('DELETE', `${system.api}/v1/devices/phone`, { headers: laptop.auth });
  for (const session of onPhone) {
    expect(await session.closed).toMatchObject({ code: CLOSE.unauthorized });
    expect(session.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'revoked' });
  }
  const again = system.dial({ token: phone.token });
  expect(await again.closed).toMatchObject({ code: CLOSE.unauthorized });
  await onLaptop.settle();
});

test('[REVK-2] [REVK-7] deactivated or erased over REST: sessions end, and nobody gets in again', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cid');
  const { ann, bob, cid } = await joinAll(system, room);
  const headers = room.tenant.backEnd;
  const of = ({ userId }: { userId: string }) => `${system.api}/v1/users/${userId}`;
  await must('PATCH', of(room.users.bob), { headers, body: { deactivated: true } });
  expect(await bob.closed).toMatchObject({ code: CLOSE.forbidden });
  await must('DELETE', of(room.users.cid), { headers });
  expect(await cid.closed).toMatchObject({ code: CLOSE.forbidden });
  for (const user of [room.users.bob, room.users.cid]) {
    const refused = system.dial({ token: user.token });
    expect([CLOSE.forbidden, CLOSE.unauthorized]).toContain((await refused.closed).code);
  }
  await ann.settle();
});

test('[REVK-6] revoking all devices of a user ends every session, also of a token without a device', async () => {
  const { tenant, users } = await newRoom(system, 'ann', 'bob');
  const phone = await tenant.user('ann', { clientId: 'phone' });
  const sessions = await Promise.all([phone, users.ann].map((user, gateway) => system.connect(user, { gateway })));
  const bob = await system.connect(users.bob);
  await must('DELETE', `${system.api}/v1/devices`, { headers: phone.auth });
  for (const session of sessions) {
    expect(await session.closed).toMatchObject({ code: CLOSE.unauthorized });
    expect(session.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'revoked' });
  }
  for (const user of [phone, users.ann]) {
    expect(await system.dial({ token: user.token }).closed).toMatchObject({ code: CLOSE.unauthorized });
  }
  await system.connect(await tenant.user('ann', { clientId: 'phone' }));
  await bob.settle();
});

test('[REVK-4] [SSE-6] what ends sessions is noticed though the bus says nothing of it', async () => {
  const { cid, tid, tenant, users } = await newRoom(system, 'ann', 'bob');
  const phone = await tenant.user('cid', { clientId: 'phone' });
  const laptop = await tenant.user('cid', { clientId: 'laptop' });
  const [ann, bob, onPhone, onLaptop] = await Promise.all(
    [users.ann, users.bob, phone, laptop].map((user, at) => system.connect(user, { gateway: at % 2 })),
  );
  const streamOf = ({ token }: { token: string }, from: { cid: string }[]) =>
    SseClient.start({ url: system.sse(), token, from });
  const [annReads, phoneReads] = await Promise.all([streamOf(users.ann, [{ cid }]), streamOf(phone, [])]);
  await endUnpublished(system, { tid, userId: phone.userId, clientId: 'phone' });
  expect(await onPhone!.closed).toMatchObject({ code: CLOSE.unauthorized });
  expect(onPhone!.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'revoked' });
  await phoneReads.record.next('bye', { reason: 'revoked' });
  await endUnpublished(system, { tid, userId: users.bob.userId });
  expect(await bob!.closed).toMatchObject({ code: CLOSE.forbidden });
  await Promise.all([ann!, onLaptop!].map((session) => session.settle()));
  await endUnpublished(system, { tid });
  for (const session of [ann!, onLaptop!]) {
    expect(await session.closed).toMatchObject({ code: CLOSE.forbidden });
    expect(session.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'suspended' });
  }
  await annReads.record.next('bye', { reason: 'suspended' });
  for (const stream of [annReads, phoneReads]) stream.close();
});

test('[REVK-4] what is said while the bus is away takes effect when it is back', async () => {
  const apart = await startSystem({ gateway: { timing: { reverifyMs: REVERIFY_MS } } });
  try {
    const { tenant } = await newRoom(apart, 'ann');
    const phone = await tenant.user('ann', { clientId: 'phone' });
    const laptop = await tenant.user('ann', { clientId: 'laptop' });
    const onPhone = await Promise.all([0, 1].map((gateway) => apart.connect(phone, { gateway })));
    const onLaptop = await apart.connect(laptop);
    await apart.nats.kill();
    await must('DELETE', `${apart.api}/v1/devices/phone`, { headers: laptop.auth });
    await apart.nats.restart();
    for (const session of onPhone) {
      expect(await session.closed).toMatchObject({ code: CLOSE.unauthorized });
      expect(session.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'revoked' });
    }
    await onLaptop.settle();
  } finally {
    await apart.stop();
  }
});

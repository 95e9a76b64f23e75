import { CLOSE, subjects, type UserEvent } from '@messagecore/protocol';
import { must } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
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

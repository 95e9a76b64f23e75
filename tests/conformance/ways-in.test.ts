/** Invitations and requests as open sessions see them, at two gateways (INV). */
import { must } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2 });
});
afterAll(() => system.stop());

const call = (method: string, path: string, { auth }: { auth: Record<string, string> }, body?: object) =>
  must<{ code: string }>(method, `${system.api}/v1${path}`, { headers: auth, ...(body && { body }) });

test('[INV-1] every open session of the invited learns of the invitation and of its end, and may join once it is accepted', async () => {
  const { tenant, cid, users } = await newRoom(system, 'ann');
  const dan = await tenant.user('dan');
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(dan, { gateway })));
  const invite = () => call('POST', `/conversations/${cid}/invitations`, users.ann, { users: [dan.userId] });
  await invite();
  for (const { record } of sessions) await record.next('conv', { cid, event: 'invited' });
  await call('POST', `/conversations/${cid}/invitation/decline`, dan);
  for (const { record } of sessions) await record.next('conv', { cid, event: 'uninvited' });
  await invite();
  for (const { record } of sessions) await record.next('conv', { cid, event: 'invited' });
  const [first] = sessions;
  first!.sendFrame({ t: 'call', op: 'invitations.accept', ref: 'yes', args: { cid } });
  await first!.record.next('result', { ref: 'yes' });
  for (const session of sessions) {
    await session.record.next('conv', { cid, event: 'added' });
    await session.join(cid);
  }
  expect(sessions.flatMap(({ record }) => record.of('error'))).toEqual([]);
});

test('[INV-5] every open session of an admin learns of a request, in the room or not, and nobody else', async () => {
  const { tenant, cid, users } = await newRoom(system, 'ann', 'bob');
  const dan = await tenant.user('dan');
  const [inRoom, outside] = await Promise.all([0, 1].map((gateway) => system.connect(users.ann, { gateway })));
  await inRoom!.join(cid);
  const member = await system.connect(users.bob, { gateway: 1 });
  const asking = await Promise.all([0, 1].map((gateway) => system.connect(dan, { gateway })));
  await call('POST', `/conversations/${cid}/join-requests`, dan, { message: 'please' });
  for (const { record } of [inRoom!, outside!]) await record.next('conv', { cid, event: 'requested' });
  await call('POST', `/conversations/${cid}/join-requests/${dan.userId}/reject`, users.ann);
  for (const { record } of [inRoom!, outside!, ...asking]) await record.next('conv', { cid, event: 'unrequested' });
  await call('POST', `/conversations/${cid}/join-requests`, dan, {});
  await call('POST', `/conversations/${cid}/join-requests/${dan.userId}/approve`, users.ann);
  for (const session of asking) {
    await session.record.next('conv', { cid, event: 'added' });
    await session.join(cid);
  }
  const told = member.record.of('conv', { cid }).map(({ event }) => event);
  expect(told.filter((event) => event === 'requested' || event === 'unrequested')).toEqual([]);
});

test('[INV-3] by a link one is in at once, at whichever gateway one is connected', async () => {
  const { tenant, cid, users } = await newRoom(system, 'ann');
  const dan = await tenant.user('dan');
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(dan, { gateway })));
  const { code } = await call('POST', `/conversations/${cid}/links`, users.ann, {});
  await call('POST', '/links/accept', dan, { code });
  for (const session of sessions) {
    await session.record.next('conv', { cid, event: 'added' });
    await session.join(cid);
  }
  const seq = await sessions[1]!.sayAndWait(cid, 'hello');
  await sessions[0]!.record.next('message', { cid, seq });
});

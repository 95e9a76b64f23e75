/** Invitations and requests as open sessions see them, at two gateways (INV). */
import { must, type RawClient } from '@messagecore/testkit';
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

/** All that the session was told of the conversation, of these events where some are named. */
const toldOf = ({ record }: RawClient, cid: string, of?: readonly string[]) =>
  record.of('conv', { cid }).flatMap(({ event }) => (of?.includes(event) === false ? [] : [event]));

/** Each of the sessions is told all of this from the beginning on, and nothing else. */
async function areTold(sessions: readonly RawClient[], cid: string, events: readonly string[], of?: readonly string[]) {
  for (const session of sessions) {
    const told = () => toldOf(session, cid, of);
    await session.record.until(events.join(', '), () => told().length >= events.length);
    await session.settle();
    expect(told()).toEqual(events);
  }
}

test('[INV-1] every open session of the invited learns of the invitation and of its end, and may join once it is accepted', async () => {
  const { tenant, cid, users } = await newRoom(system, 'ann');
  const dan = await tenant.user('dan');
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(dan, { gateway })));
  const invite = () => call('POST', `/conversations/${cid}/invitations`, users.ann, { users: [dan.userId] });
  await invite();
  await areTold(sessions, cid, ['invited']);
  await call('POST', `/conversations/${cid}/invitation/decline`, dan);
  await areTold(sessions, cid, ['invited', 'uninvited']);
  await invite();
  await areTold(sessions, cid, ['invited', 'uninvited', 'invited']);
  const [first] = sessions;
  first!.sendFrame({ t: 'call', op: 'invitations.accept', ref: 'yes', args: { cid } });
  await first!.record.next('result', { ref: 'yes' });
  await areTold(sessions, cid, ['invited', 'uninvited', 'invited', 'added']);
  for (const session of sessions) await session.join(cid);
  await areTold(sessions, cid, ['invited', 'uninvited', 'invited', 'added']);
  expect(sessions.flatMap(({ record }) => record.of('error'))).toEqual([]);
});

test('[INV-5] every open session of an admin learns of a request, in the room or not, and nobody else', async () => {
  const { tenant, cid, users } = await newRoom(system, 'ann', 'bob');
  const dan = await tenant.user('dan');
  const [inRoom, outside] = await Promise.all([0, 1].map((gateway) => system.connect(users.ann, { gateway })));
  await inRoom!.join(cid);
  const member = await system.connect(users.bob, { gateway: 1 });
  const asking = await Promise.all([0, 1].map((gateway) => system.connect(dan, { gateway })));
  // Beside who takes part.
  const ofRequests = ['requested', 'unrequested'];
  const adminsAreTold = (...events: string[]) => areTold([inRoom!, outside!], cid, events, ofRequests);
  await call('POST', `/conversations/${cid}/join-requests`, dan, { message: 'please' });
  await adminsAreTold('requested');
  await call('POST', `/conversations/${cid}/join-requests/${dan.userId}/reject`, users.ann);
  await adminsAreTold('requested', 'unrequested');
  await areTold(asking, cid, ['unrequested']);
  await call('POST', `/conversations/${cid}/join-requests`, dan, {});
  await adminsAreTold('requested', 'unrequested', 'requested');
  await areTold(asking, cid, ['unrequested']);
  await call('POST', `/conversations/${cid}/join-requests/${dan.userId}/approve`, users.ann);
  await adminsAreTold('requested', 'unrequested', 'requested', 'unrequested');
  // Who takes part by it is told that alone.
  await areTold(asking, cid, ['unrequested', 'added']);
  for (const session of asking) await session.join(cid);
  await areTold([member], cid, [], ofRequests);
  expect([inRoom!, outside!, member, ...asking].flatMap(({ record }) => record.of('error'))).toEqual([]);
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

import { HEADERS } from '@messagecore/protocol';
import { call, must, newMid, type RawClient } from '@messagecore/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let admin: { headers: Readonly<Record<string, string>> };
beforeAll(async () => {
  system = await startSystem({ chatServices: 2 });
  const { adminKey } = await system.tenant();
  admin = { headers: { [HEADERS.adminKey]: adminKey } };
});
afterEach(() => set({ on: false, message: null, until: null }));
afterAll(() => system.stop());

const path = '/admin/v1/system';
const set = (maintenance: object) => must('PATCH', system.api + path, { ...admin, body: { maintenance } });
/** Both chat-services, and so every gateway, whichever it asks. */
const apis = () => system.chatServices.map(({ url }) => url);

const everywhere = (status: number, headers: Readonly<Record<string, string>>) =>
  vi.waitUntil(async () => {
    const body = { displayName: 'Ann' };
    const answers = await Promise.all(apis().map((api) => call('PATCH', `${api}/v1/users/me`, { headers, body })));
    return answers.every((answer) => answer.status === status);
  }, 60_000);

async function refusedFrame(
  client: RawClient,
  frame: Parameters<RawClient['sendFrame']>[0],
  ref: string,
): Promise<void> {
  client.sendFrame(frame);
  const error = await client.record.next('error', { ref });
  expect(error).toMatchObject({ code: 'maintenance', msg: 'back soon', retryAfterMs: expect.any(Number) });
}

test('[TNT-5] what changes anything is refused, over REST and by frames and calls; the rest goes on', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = await joinAll(system, room);
  const { cid, users, tenant } = room;
  const { auth } = users.ann;
  ann.sendFrame({ t: 'send', cid, mid: newMid(), clientId: 'a', at: 0, kind: 'text', body: { text: 'before' } });
  await ann.record.next('ack');
  await bob.record.next('message');

  const until = Date.now() + 600_000;
  await set({ on: true, message: 'back soon', until });
  await everywhere(503, auth);

  const refused = await call('POST', `${system.api}/v1/tokens`, { headers: tenant.backEnd, body: { user: 'ext:eve' } });
  expect(refused).toMatchObject({ status: 503, body: { code: 'maintenance', detail: 'back soon' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const mid = newMid();
  await refusedFrame(ann, { t: 'send', cid, mid, clientId: 'a', at: 0, kind: 'text', body: { text: 'during' } }, mid);
  await refusedFrame(ann, { t: 'edit', cid, seq: 1, body: { text: 'changed' }, ref: 'e' }, 'e');
  await refusedFrame(ann, { t: 'read', cid, pos: 1, ref: 'r' }, 'r');
  await refusedFrame(ann, { t: 'ack', cid, pos: 1, ref: 'a' }, 'a');
  await refusedFrame(ann, { t: 'call', op: 'users.updateMe', ref: 'c', args: { displayName: 'Ann' } }, 'c');

  // Reads, sessions and what is live.
  ann.sendFrame({ t: 'call', op: 'users.me', ref: 'me' });
  expect(await ann.record.next('result')).toMatchObject({ ref: 'me', data: { userId: users.ann.userId } });
  expect((await call('GET', `${system.api}/v1/conversations/${cid}/messages`, { headers: auth })).status).toBe(200);
  const later = await system.connect(users.bob, { gateway: 1 });
  later.sendFrame({ t: 'join', cid, since: 0 });
  expect(await later.record.next('message')).toMatchObject({ seq: 1 });
  ann.sendFrame({ t: 'typing', cid, on: true });
  expect(await bob.record.next('typing')).toMatchObject({ from: users.ann.userId });
  // The operator is not refused, and sees it.
  expect(await must('GET', system.api + path, admin)).toMatchObject({
    maintenance: { on: true, message: 'back soon', until },
  });
  await set({ message: 'very soon' });

  await set({ on: false });
  await everywhere(200, auth);
  ann.sendFrame({ t: 'send', cid, mid, clientId: 'a', at: 0, kind: 'text', body: { text: 'during' } });
  expect(await bob.record.next('message', { mid })).toMatchObject({ seq: 2 });
});

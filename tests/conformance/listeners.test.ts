import type { UpFrame } from '@messagecore/protocol';
import { call, must } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

interface Page {
  readonly items: readonly { readonly body: { readonly text?: string } }[];
}

/** A public channel of ann and bob, and cyd, who is of the tenant and takes no part. */
async function openChannel() {
  const room = await newRoom(system, 'ann', 'bob', 'cyd');
  const { tenant, users } = room;
  const { cid } = await must<{ cid: string }>('POST', `${system.api}/v1/conversations`, {
    ...{ headers: users.ann.auth, body: { kind: 'public', name: 'stage', participants: [users.bob.userId] } },
  });
  const url = `${system.api}/v1/conversations/${cid}`;
  const open = (openToListeners: boolean) => must('PATCH', url, { headers: users.ann.auth, body: { openToListeners } });
  const read = () => call<Page>('GET', `${url}/messages?limit=5`, { headers: users.cyd.auth });
  return { tenant, users, cid, url, open, read };
}

test('[LSN-1] [LSN-2] who does not take part reads a channel that is open to listeners, and does nothing else there', async () => {
  const { users, cid, url, open, read } = await openChannel();
  const [ann, cyd] = await Promise.all([system.connect(users.ann), system.connect(users.cyd, { gateway: 1 })]);
  cyd.sendFrame({ t: 'join', cid });
  await cyd.record.next('error', { cid, code: 'not_member' });
  expect((await read()).body.code).toBe('not_member');
  expect(await open(true)).toMatchObject({ openToListeners: true });
  const first = await ann.sayAndWait(cid, 'before');
  expect(await cyd.join(cid)).toMatchObject({ listener: true, head: first });
  const seq = await ann.sayAndWait(cid, 'live');
  await cyd.record.next('message', { cid, seq });
  ann.sendFrame({ t: 'edit', cid, seq, body: { text: 'edited' }, ref: 'e' });
  await cyd.record.next('update', { cid, seq });
  const page = await read();
  expect(page.body.items?.map(({ body }) => body.text).slice(-2)).toEqual(['before', 'edited']);
  // Nothing is kept of it, and nobody sees it.
  const rows =
    await system.sql`select from participants where conversation_id = ${cid} and user_id = ${users.cyd.userId}`;
  expect(rows.length).toBe(0);
  cyd.say(cid, 'may I?');
  await cyd.record.next('error', { cid, code: 'not_member' });
  const closed: (UpFrame & { ref: string })[] = [
    { t: 'react', cid, seq, emoji: '\u{1F44D}', on: true, ref: 'react' },
    { t: 'read', cid, pos: seq, ref: 'read' },
    { t: 'ack', cid, pos: seq, ref: 'ack' },
  ];
  for (const frame of closed) {
    cyd.sendFrame(frame);
    await cyd.record.next('error', { ref: frame.ref, code: 'not_member' });
  }
  const from = cyd.record.all.length;
  cyd.sendFrame({ t: 'typing', cid, on: true });
  await cyd.record.next('error', { cid, code: 'not_member' }, { from });
  for (const path of ['/pins', '/threads']) {
    expect((await call('GET', url + path, { headers: users.cyd.auth })).body.code).toBe('not_member');
  }
  const bookmark = `${system.api}/v1/conversations/${cid}/messages/${seq}/bookmark`;
  expect((await call('PUT', bookmark, { headers: users.cyd.auth, body: {} })).status).not.toBe(200);
});

test('[LSN-1] a listener that comes back gets what it missed', async () => {
  const { users, cid, open } = await openChannel();
  await open(true);
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'one');
  const cyd = await system.connect(users.cyd);
  await cyd.join(cid);
  cyd.cut();
  const missed = await ann.sayAndWait(cid, 'two');
  const again = await system.connect(users.cyd, { gateway: 1 });
  again.sendFrame({ t: 'join', cid, since: seq });
  await again.record.next('message', { cid, seq: missed });
});

test('[LSN-3] closing the channel, and a ban, end listening at once and at every gateway; guests never listen', async () => {
  const { tenant, users, cid, url, open, read } = await openChannel();
  await open(true);
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(users.cyd, { gateway })));
  const bob = await system.connect(users.bob);
  await bob.join(cid);
  for (const session of sessions) await session.join(cid);
  await open(false);
  for (const session of sessions) await session.record.next('conv', { cid, event: 'removed' });
  const seq = await bob.sayAndWait(cid, 'among us');
  await bob.record.next('message', { cid, seq });
  expect((await read()).body.code).toBe('not_member');
  await open(true);
  const from = sessions.map(({ record }) => record.all.length);
  for (const session of sessions) await session.join(cid);
  await must('PUT', `${url}/bans/${users.cyd.userId}`, { headers: users.ann.auth, body: {} });
  for (const [n, session] of sessions.entries())
    await session.record.next('conv', { cid, event: 'removed' }, { from: from[n]! });
  // Who listened, and that it does no more, is nobody's business.
  expect(bob.record.of('conv', { cid }).filter((frame) => frame.users?.includes(users.cyd.userId))).toEqual([]);
  for (const session of sessions) {
    expect(session.record.of('message', { cid, seq })).toEqual([]);
    session.sendFrame({ t: 'join', cid, ref: 'again' });
    await session.record.next('error', { ref: 'again', code: 'not_member' });
  }
  const guest = await tenant.user('guest');
  await must('PATCH', `${system.api}/v1/users/${guest.userId}`, { headers: tenant.backEnd, body: { role: 'guest' } });
  const visitor = await system.connect(guest);
  visitor.sendFrame({ t: 'join', cid });
  await visitor.record.next('error', { cid, code: 'not_member' });
});

test('[LSN-3] admins of a public channel open it, and of nothing else', async () => {
  const { users, url, cid } = await openChannel();
  const asked = (who: 'ann' | 'bob' | 'cyd', at = url) =>
    call('PATCH', at, { headers: users[who].auth, body: { openToListeners: true } });
  expect((await asked('bob')).body.code).toBe('forbidden');
  expect((await asked('ann')).status).toBe(200);
  const sys = await system.sql<{ body: { event: string; openToListeners: boolean } }[]>`
    select body from messages where conversation_id = ${cid} and kind = 'sys' order by seq desc limit 1`;
  expect(sys[0]?.body).toMatchObject({ event: 'listeners', openToListeners: true });
  const group = await must<{ cid: string }>('POST', `${system.api}/v1/conversations`, {
    ...{ headers: users.ann.auth, body: { kind: 'group', participants: [users.bob.userId, users.cyd.userId] } },
  });
  expect((await asked('ann', `${system.api}/v1/conversations/${group.cid}`)).body.code).toBe('forbidden');
});

test('[LSN-4] a listener that joins the channel takes part from then on', async () => {
  const { users, cid, url, open } = await openChannel();
  await open(true);
  const cyd = await system.connect(users.cyd);
  await cyd.join(cid);
  await must('POST', `${url}/join`, { headers: users.cyd.auth });
  await cyd.record.next('conv', { cid, event: 'added' });
  const seq = await cyd.sayAndWait(cid, 'now I may');
  await cyd.record.next('message', { cid, seq });
  const from = cyd.record.all.length;
  cyd.sendFrame({ t: 'typing', cid, on: true });
  cyd.sendFrame({ t: 'read', cid, pos: seq, ref: 'read' });
  await cyd.record.next('result', { ref: 'read' });
  expect(cyd.record.all.slice(from).filter(({ t }) => t === 'error')).toEqual([]);
});

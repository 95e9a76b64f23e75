import { call, must, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteUnpublished, removeUnpublished } from '../support/unpublished-changes.ts';
import { joinAll, newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const NOTICED_MS = 10_000;

const participant = (cid: string, user: TestUser) =>
  `${system.api}/v1/conversations/${cid}/participants/${user.userId}`;
const remove = ({ cid, users }: Room<'ann'>, user: TestUser) =>
  must('DELETE', participant(cid, user), { headers: users.ann.auth });
const mute = ({ cid, users }: Room<'ann'>, user: TestUser, mutedUntil: number | null) =>
  must('PATCH', participant(cid, user), { headers: users.ann.auth, body: { mutedUntil } });

test('[PERM-1] a removed participant is out, in every session, at both gateways, at once', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid, users } = room;
  const { ann, cy } = await joinAll(system, room);
  const sessions = await Promise.all(
    [0, 1, 0, 1].map((gateway, i) => system.connect(users.bob, { gateway, encoding: i < 2 ? 'json' : 'msgpack' })),
  );
  await Promise.all(sessions.map((session) => session.join(cid)));
  await remove(room, users.bob);
  // Whatever is sent once the removal has been answered must not reach them, not even before they are told.
  const seq = await ann.sayAndWait(cid, 'he is gone');
  await cy.record.next('message', { cid, seq });
  ann.sendFrame({ t: 'typing', cid, on: true });
  ann.sendFrame({ t: 'read', cid, pos: seq });
  await cy.record.next('read', { cid, pos: seq });
  for (const session of sessions) {
    await session.record.next('conv', { cid, event: 'removed' });
    await session.settle();
    expect(session.record.messages(cid).filter((message) => message.seq >= seq)).toEqual([]);
    const told = session.frames.findIndex((frame) => frame.t === 'conv' && frame.event === 'removed');
    const after = session.frames.slice(told + 1).filter((frame) => 'cid' in frame && frame.cid === cid);
    expect(after).toEqual([]);
    const mid = session.say(cid, 'let me in');
    await session.record.next('error', { ref: mid, cid, code: 'not_member' });
    const from = session.frames.length;
    session.sendFrame({ t: 'join', cid, since: 0 });
    await session.record.next('error', { cid, code: 'not_member' }, { from });
    expect(session.record.of('conv', { cid, event: 'removed' })).toHaveLength(1);
  }
});

test('[PERM-10] one who is banned is out, in sessions at both gateways, and does not come back', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann } = await joinAll(system, room);
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(users.bob, { gateway })));
  await Promise.all(sessions.map((session) => session.join(cid)));
  const ban = `${system.api}/v1/conversations/${cid}/bans/${users.bob.userId}`;
  await must('PUT', ban, { headers: users.ann.auth, body: { reason: 'spam' } });
  const seq = await ann.sayAndWait(cid, 'he is gone');
  for (const session of sessions) {
    const refused = session.say(cid, 'let me in');
    await session.record.next('error', { ref: refused, cid, code: 'not_member' });
    await session.record.next('conv', { cid, event: 'removed' });
    await session.settle();
    expect(session.record.messages(cid).filter((message) => message.seq >= seq)).toEqual([]);
  }
  const add = { headers: users.ann.auth, body: { users: [users.bob.userId] } };
  const answer = await call('POST', `${system.api}/v1/conversations/${cid}/participants`, add);
  expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});

test('[PERM-1] leaving of one’s own accord does the same', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  await must('POST', `${system.api}/v1/conversations/${cid}/leave`, { headers: users.bob.auth });
  await bob.record.next('conv', { cid, event: 'removed' });
  const mark = bob.frames.length;
  await ann.sayAndWait(cid, 'bye');
  await bob.settle();
  expect(bob.frames.slice(mark).filter(({ t }) => t === 'message')).toEqual([]);
});

test('[TYP-7] a muted participant does not type, whether the mute came before the join or after it', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  await mute(room, users.bob, Date.now() + 3_600_000);
  await bob.record.next('conv', { cid, event: 'muted' });
  bob.sendFrame({ t: 'typing', cid, on: true });
  await bob.record.next('error', { cid, code: 'muted' });
  const again = await system.connect(users.bob);
  again.sendFrame({ t: 'join', cid });
  await again.record.next('joined', { cid });
  again.sendFrame({ t: 'typing', cid, on: true });
  await again.record.next('error', { cid, code: 'muted' });
  expect(ann.record.of('typing')).toEqual([]);
  await mute(room, users.bob, null);
  await again.record.next('conv', { cid, event: 'muted' }, { from: 1 });
  again.sendFrame({ t: 'typing', cid, on: true });
  await ann.record.next('typing', { cid, from: users.bob.userId, on: true });
});

test('[TYP-7] typing that had begun ends with the mute', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  bob.sendFrame({ t: 'typing', cid, on: true });
  await ann.record.next('typing', { cid, from: users.bob.userId, on: true });
  await mute(room, users.bob, Date.now() + 3_600_000);
  await ann.record.next('conv', { cid, event: 'muted' });
  await ann.record.next('typing', { cid, from: users.bob.userId, on: false });
});

test('[PERM-2] a muted participant hears and cannot speak', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  await mute(room, users.bob, Date.now() + 3_600_000);
  const mid = bob.say(cid, 'but');
  await bob.record.next('error', { ref: mid, cid, code: 'muted' });
  const seq = await ann.sayAndWait(cid, 'as I was saying');
  await bob.record.next('message', { cid, seq });
  await mute(room, users.bob, null);
  await bob.sayAndWait(cid, 'thank you');
});

test('[PERM-2] a mute ends by itself', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const bob = await system.connect(users.bob);
  await mute(room, users.bob, Date.now() + 3_600_000);
  const refused = bob.say(cid, 'now?');
  await bob.record.next('error', { ref: refused, code: 'muted' });
  const until = Date.now() + 1_500;
  await mute(room, users.bob, until);
  let seq: number | undefined;
  while (seq === undefined) {
    const mid = bob.say(cid, 'and now?');
    await bob.record.until(
      'an answer',
      () => bob.record.of('ack', { mid }).length + bob.record.of('error', { ref: mid }).length > 0,
    );
    seq = bob.record.of('ack', { mid })[0]?.pos;
  }
  expect(Date.now()).toBeGreaterThanOrEqual(until - 50);
});

test('[PERM-3] a removal of which the bus said nothing is noticed', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  await removeUnpublished(system, { cid, tid }, users.bob.userId);
  await bob.record.next('conv', { cid, event: 'removed' }, { timeoutMs: NOTICED_MS });
  const mark = bob.frames.length;
  const seq = await ann.sayAndWait(cid, 'alone at last');
  await ann.record.next('message', { cid, seq });
  await bob.settle();
  expect(bob.frames.slice(mark).filter(({ t }) => t === 'message')).toEqual([]);
});

test('[PERM-3] so is a deletion, by everybody in it', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tid } = room;
  const { ann, bob } = await joinAll(system, room);
  await deleteUnpublished(system, { cid, tid });
  for (const session of [ann, bob]) {
    await session.record.next('conv', { cid, event: 'deleted' }, { timeoutMs: NOTICED_MS });
    const mid = session.say(cid, 'anybody?');
    await session.record.next('error', { ref: mid, cid, code: 'not_found' });
  }
});

test('[PERM-3] and a removal that was followed by another that is told', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid, tid, users } = room;
  const { bob, cy } = await joinAll(system, room);
  await removeUnpublished(system, { cid, tid }, users.bob.userId);
  await remove(room, users.cy);
  for (const session of [bob, cy]) {
    await session.record.next('conv', { cid, event: 'removed' }, { timeoutMs: NOTICED_MS });
  }
});

test('[PERM-4] what counts is the right at the time of the command', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tid, users } = room;
  const { bob } = await joinAll(system, room);
  const seq = await bob.sayAndWait(cid, 'while I may');
  // No gateway has heard of it yet: the chat-service must not rely on one.
  await removeUnpublished(system, { cid, tid }, users.bob.userId);
  const mid = bob.say(cid, 'and now?');
  await bob.record.next('error', { ref: mid, cid, code: 'not_member' });
  bob.sendFrame({ t: 'edit', cid, seq, body: { text: 'x' }, ref: 'edit' });
  await bob.record.next('error', { ref: 'edit', cid, code: 'not_member' });
  bob.sendFrame({ t: 'recall', cid, seq, ref: 'recall' });
  await bob.record.next('error', { ref: 'recall', cid, code: 'not_member' });
  bob.sendFrame({ t: 'react', cid, seq, emoji: '+1', on: true, ref: 'react' });
  await bob.record.next('error', { ref: 'react', cid, code: 'not_member' });
});

import { LIMITS } from '@messagecore/protocol';
import { must } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { startTicks } from '../support/ticks.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

test('[TYP-1] [TYP-2] typing reaches all others and is not stored', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid, users } = room;
  const { ann, bob, cy } = await joinAll(system, room);
  const otherDevice = await system.connect(users.ann, { gateway: 1, clientId: 'other' });
  await otherDevice.join(cid);
  ann.sendFrame({ t: 'typing', cid, on: true });
  for (const { record } of [bob, cy, otherDevice])
    await record.next('typing', { cid, from: users.ann.userId, on: true });
  ann.sendFrame({ t: 'typing', cid, on: false });
  for (const { record } of [bob, cy, otherDevice])
    await record.next('typing', { cid, from: users.ann.userId, on: false });
  const seq = await bob.sayAndWait(cid, 'go on');
  await ann.record.next('message', { cid, seq });
  expect(ann.record.of('typing')).toEqual([]);
  const late = await system.connect(users.bob);
  await late.join(cid, { since: 0 });
  await late.record.next('message', { cid, seq });
  expect(late.record.of('typing')).toEqual([]);
});

test('[TYP-5] who types in the moment of joining is heard, who has not joined is told so', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  const bob = await system.connect(users.bob);
  await ann.join(cid);
  bob.sendFrame({ t: 'typing', cid, on: true });
  await bob.record.next('error', { cid, code: 'conflict' });
  bob.sendFrame({ t: 'join', cid });
  bob.sendFrame({ t: 'typing', cid, on: true });
  await ann.record.next('typing', { cid, from: users.bob.userId, on: true });
  await bob.record.next('joined', { cid });
  expect(bob.record.of('error')).toHaveLength(1);
});

test('[TYP-3] typing ends by itself', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const start = performance.now();
  ann.sendFrame({ t: 'typing', cid, on: true });
  await bob.record.next('typing', { cid, on: true });
  await bob.record.next('typing', { cid, from: users.ann.userId, on: false }, { timeoutMs: LIMITS.typingMs * 3 });
  expect(performance.now() - start).toBeGreaterThan(LIMITS.typingMs * 0.8);
});

test.each(['the connection is cut', 'the session closes', 'the session leaves'])(
  '[TYP-4] typing ends when %s',
  async (how) => {
    const room = await newRoom(system, 'ann', 'bob');
    const { cid, users } = room;
    const { ann, bob } = await joinAll(system, room);
    ann.sendFrame({ t: 'typing', cid, on: true });
    await bob.record.next('typing', { cid, on: true });
    const ticks = startTicks();
    if (how === 'the connection is cut') ann.cut();
    else if (how === 'the session closes') await ann.close();
    else ann.sendFrame({ t: 'leave', cid });
    await bob.record.next('typing', { cid, from: users.ann.userId, on: false });
    expect(ticks.elapsedMs).toBeLessThan(LIMITS.typingMs * 0.8);
    ticks.stop();
  },
);

test.each(['ack', 'read', 'typing', 'leave'] as const)(
  '[SIG-1] %s where the user may not be is refused and goes unnoticed',
  async (t) => {
    const room = await newRoom(system, 'ann', 'bob');
    const foreign = await newRoom(system, 'eve');
    const { cid, tenant } = room;
    const { ann, bob } = await joinAll(system, room);
    const stranger = await system.connect(await tenant.user('stranger'));
    const eve = await system.connect(foreign.users.eve);
    const frames = {
      ack: { t: 'ack', cid, pos: 1 },
      read: { t: 'read', cid, pos: 1 },
      typing: { t: 'typing', cid, on: true },
      leave: { t: 'leave', cid },
    } as const;
    const frame = frames[t];
    stranger.sendFrame(frame);
    eve.sendFrame(frame);
    await stranger.record.next('error', { cid, code: 'not_member' });
    await eve.record.next('error', { cid, code: 'not_found' });
    const seq = await ann.sayAndWait(cid, 'all quiet');
    for (const { record } of [ann, bob]) {
      await record.next('message', { cid, seq });
      expect(record.of('typing')).toEqual([]);
      expect(record.of('read')).toEqual([]);
    }
  },
);

test('[SIG-3] who is added or removed while the bus is away hears of it in every session when it is back', async () => {
  const apart = await startSystem();
  try {
    const { cid, users, tenant } = await newRoom(apart, 'ann', 'cy');
    const bob = await tenant.user('bob');
    const everywhere = (user: typeof bob) => Promise.all([0, 1].map((gateway) => apart.connect(user, { gateway })));
    const [bobs, cys] = [await everywhere(bob), await everywhere(users.cy)];
    await cys[0]!.join(cid);
    await apart.nats.kill();
    const participants = `${apart.api}/v1/conversations/${cid}/participants`;
    await must('POST', participants, { headers: users.ann.auth, body: { users: [bob.userId] } });
    await must('DELETE', `${participants}/${users.cy.userId}`, { headers: users.ann.auth });
    await apart.nats.restart();
    for (const session of bobs) await session.record.next('conv', { cid, event: 'added' }, { timeoutMs: 60_000 });
    for (const session of cys) await session.record.next('conv', { cid, event: 'removed' }, { timeoutMs: 60_000 });
    for (const session of bobs) await session.join(cid);
  } finally {
    await apart.stop();
  }
});

test('[SIG-3] what the bus had taken when it died is told from the record', async () => {
  const apart = await startSystem();
  try {
    const { cid, users, tenant } = await newRoom(apart, 'ann');
    const bob = await tenant.user('bob');
    const sessions = await Promise.all([0, 1].map((gateway) => apart.connect(bob, { gateway })));
    await apart.nats.kill();
    await apart.sql`
      insert into participants (conversation_id, user_id, tenant_id)
      select conversation_id, ${bob.userId}, tenant_id from conversations where conversation_id = ${cid}`;
    await apart.nats.restart();
    for (const session of sessions) await session.record.next('conv', { cid, event: 'added' }, { timeoutMs: 60_000 });
    for (const session of sessions) await session.join(cid);
    const ann = await apart.connect(users.ann);
    const seq = await ann.sayAndWait(cid, 'welcome');
    for (const session of sessions) await session.record.next('message', { cid, seq });
  } finally {
    await apart.stop();
  }
});

test('[SIG-2] a user who is added hears of it everywhere and joins at once', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  const bob = await tenant.user('bob');
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(bob, { gateway })));
  sessions[0]!.sendFrame({ t: 'join', cid });
  await sessions[0]!.record.next('error', { cid, code: 'not_member' });
  await must('POST', `${system.api}/v1/conversations/${cid}/participants`, {
    headers: users.ann.auth,
    body: { users: [bob.userId] },
  });
  const ann = await system.connect(users.ann);
  for (const session of sessions) {
    await session.record.next('conv', { cid, event: 'added' });
    await session.join(cid);
  }
  const seq = await ann.sayAndWait(cid, 'welcome');
  for (const session of sessions) await session.record.next('message', { cid, seq });
});

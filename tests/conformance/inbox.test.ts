import { must, SseClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fill, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const LONG = { timeoutMs: 60_000 };

test('[INB-1] [INB-2] who has asked for it is told at every gateway of what was not joined', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const asking = await Promise.all([0, 1].map((gateway) => system.connect(users.bob, { gateway, inbox: true })));
  const silent = await system.connect(users.bob);
  const joined = await system.connect(users.cy, { inbox: true });
  await joined.join(cid);
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'hello');
  for (const { record } of asking)
    expect(await record.next('inbox', { cid, head: seq }, LONG)).toMatchObject({ unread: 1, preview: 'hello' });
  await joined.record.next('message', { cid, seq });
  const next = await ann.sayAndWait(cid, 'again');
  for (const { record } of asking)
    expect(await record.next('inbox', { cid, head: next }, LONG)).toMatchObject({ unread: 2, preview: 'again' });
  await joined.record.next('message', { cid, seq: next });
  for (const session of [silent, joined]) await session.settle();
  expect([...silent.record.of('inbox'), ...joined.record.of('inbox')]).toEqual([]);
});

test('[INB-1] the first `auth` asks for it as well, a renewal changes nothing', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [asking, renewed] = [system.dial(), system.dial()];
  await Promise.all([asking.opened(), renewed.opened()]);
  asking.sendFrame({ t: 'auth', jwt: users.bob.token, inbox: true });
  renewed.sendFrame({ t: 'auth', jwt: users.bob.token });
  for (const { record } of [asking, renewed]) await record.next('ready');
  asking.sendFrame({ t: 'auth', jwt: users.bob.token });
  renewed.sendFrame({ t: 'auth', jwt: users.bob.token, inbox: true });
  for (const { record } of [asking, renewed]) await record.next('ready', {}, { from: 1 });
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'hello');
  await asking.record.next('inbox', { cid, head: seq }, LONG);
  await renewed.settle();
  expect(renewed.record.of('inbox')).toEqual([]);
});

test('[INB-1] an event stream asks for it in its address', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const stream = await SseClient.start({ url: system.sse(1), token: users.bob.token, from: [], inbox: true });
  await stream.record.next('ready');
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'hello');
  await stream.record.next('inbox', { cid, head: seq, unread: 1 }, LONG);
  stream.close();
});

test('[INB-2] of many messages the last is told, and not each', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const bob = await system.connect(users.bob, { gateway: 1, inbox: true });
  const ann = await system.connect(users.ann);
  const head = await fill(ann, cid, 300);
  await bob.record.next('inbox', { cid, head }, LONG);
  expect(bob.record.of('inbox').length).toBeLessThan(100);
});

test('[INB-2] [INB-3] own messages, recalled ones and those of the service are told, and are not unread', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [here, elsewhere] = [await system.connect(users.ann), await system.connect(users.ann, { inbox: true })];
  const bob = await system.connect(users.bob, { gateway: 1, inbox: true });
  const own = await here.sayAndWait(cid, 'mine');
  expect(await elsewhere.record.next('inbox', { cid, head: own }, LONG)).toMatchObject({ unread: 0, preview: 'mine' });
  here.sendFrame({ t: 'recall', cid, seq: own, ref: 'r' });
  await here.record.next('result', { ref: 'r' });
  const path = `${system.api}/v1/conversations/${cid}`;
  await must('PATCH', path, { headers: users.ann.auth, body: { name: 'renamed' } });
  const [from, head] = [bob.frames.length, own + 1];
  const told = await bob.record.next('inbox', { cid, head }, { ...LONG, from: Math.max(0, from - 5) });
  expect(told).toMatchObject({ unread: 0 });
  expect(told).not.toHaveProperty('preview');
});

test('[INB-3] far behind, every message counts', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const ann = await system.connect(users.ann);
  const before = await fill(ann, cid, 10);
  const cy = await system.connect(users.cy);
  cy.sendFrame({ t: 'read', cid, pos: before, ref: 'r' });
  await cy.record.next('result', { ref: 'r' });
  const [near, far] = await Promise.all([users.cy, users.bob].map((user) => system.connect(user, { inbox: true })));
  await cy.sayAndWait(cid, 'mine');
  const head = await fill(ann, cid, 195, (i) => `${'é'.repeat(150)} ${i}`);
  expect(await near!.record.next('inbox', { cid, head }, LONG)).toMatchObject({
    unread: 195,
    preview: 'é'.repeat(100),
  });
  expect(await far!.record.next('inbox', { cid, head }, LONG)).toMatchObject({ unread: head });
});

test('[INB-4] a session that does not read is told the latest when it reads', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const noisy = await tenant.channel(users.ann, users.bob);
  const bob = await system.connect(users.bob, { inbox: true });
  await bob.join(noisy);
  bob.pauseReading();
  const ann = await system.connect(users.ann);
  const metrics = async () => (await fetch(`${system.gateways[0]!.url}/metrics`)).text();
  for (let round = 0; !/sessions_lagging\{[^}]*\} [1-9]/.test(await metrics()); round += 1) {
    expect(round).toBeLessThan(100);
    await fill(ann, noisy, 100, (i) => `${i} ${'x'.repeat(15_000)}`);
  }
  const seqs = [];
  for (const n of range(1, 3)) seqs.push(await ann.sayAndWait(cid, `${n}`));
  bob.resumeReading();
  await bob.record.next('inbox', { cid, head: seqs.at(-1)!, unread: 3 }, LONG);
});

test('[INB-5] what the bus lost is found in the record', async () => {
  const apart = await startSystem({ gateway: { timing: { newsMs: 1_000 } } });
  try {
    const { cid, users } = await newRoom(apart, 'ann', 'bob');
    const sessions = await Promise.all([0, 1].map((gateway) => apart.connect(users.bob, { gateway, inbox: true })));
    // Stored as if its chat-service had died before it said so.
    await apart.sql.begin(async (sql) => {
      const [row] = await sql<{ tid: string }[]>`
        update conversations set last_seq = last_seq + 1 where conversation_id = ${cid} returning tenant_id as tid`;
      await sql`
        insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
        values (${cid}, 1, ${row!.tid}, 'unheard', ${users.ann.userId}, 'c', 'text', '{"text":"unheard"}', now())`;
    });
    for (const session of sessions) await session.record.next('inbox', { cid, head: 1, unread: 1 }, LONG);
  } finally {
    await apart.stop();
  }
});

test('[INB-5] news while the bus is away are told when it is back', async () => {
  const apart = await startSystem();
  try {
    const { cid, users } = await newRoom(apart, 'ann', 'bob');
    const sessions = await Promise.all([0, 1].map((gateway) => apart.connect(users.bob, { gateway, inbox: true })));
    await apart.nats.kill();
    const path = `${apart.api}/v1/conversations/${cid}/messages`;
    const message = { mid: '01J00000000000000000000000', clientId: 'c', kind: 'text', body: { text: 'away' } };
    await must('POST', path, { headers: users.ann.auth, body: message });
    await apart.nats.restart();
    for (const session of sessions) await session.record.next('inbox', { cid, head: 1, preview: 'away' }, LONG);
  } finally {
    await apart.stop();
  }
});

test('[INB-6] who comes is told, who goes and who never was there is not', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const cy = await tenant.user('cy');
  const foreign = await newRoom(system, 'eve');
  const open = (user: typeof cy) => system.connect(user, { gateway: 1, inbox: true });
  const [bobs, cys, stranger, eve] = await Promise.all(
    [users.bob, cy, await tenant.user('stranger'), foreign.users.eve].map(open),
  );
  const ann = await system.connect(users.ann);
  await bobs!.record.next('inbox', { cid, head: await ann.sayAndWait(cid, 'one') }, LONG);
  const participants = `${system.api}/v1/conversations/${cid}/participants`;
  await must('POST', participants, { headers: users.ann.auth, body: { users: [cy.userId] } });
  await cys!.record.next('conv', { cid, event: 'added' });
  const head = await ann.sayAndWait(cid, 'two');
  await cys!.record.next('inbox', { cid, head }, LONG);
  await bobs!.record.next('inbox', { cid, head }, LONG);
  await must('DELETE', `${participants}/${users.bob.userId}`, { headers: users.ann.auth });
  await bobs!.record.next('conv', { cid, event: 'removed' });
  const gone = bobs!.frames.length;
  await cys!.record.next('inbox', { cid, head: await ann.sayAndWait(cid, 'three') }, LONG);
  for (const session of [bobs!, stranger!, eve!]) await session.settle();
  expect(bobs!.frames.slice(gone).filter(({ t }) => t === 'inbox')).toEqual([]);
  expect([...stranger!.record.of('inbox'), ...eve!.record.of('inbox')]).toEqual([]);
});

test('[INB-6] nothing is told of what was said before the user may see it', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const path = `${system.api}/v1/conversations/${cid}`;
  await must('PATCH', path, { headers: users.ann.auth, body: { history: 'since_joining' } });
  const cy = await tenant.user('cy');
  const ann = await system.connect(users.ann);
  await ann.sayAndWait(cid, 'secret');
  await must('POST', `${path}/participants`, { headers: users.ann.auth, body: { users: [cy.userId] } });
  const late = await system.connect(cy, { inbox: true });
  const head = await ann.sayAndWait(cid, 'open');
  const told = await vi.waitUntil(() => late.record.of('inbox', { cid, head })[0], 60_000);
  expect(told).toMatchObject({ unread: 1, preview: 'open' });
  expect(late.record.of('inbox').map(({ preview }) => preview)).not.toContain('secret');
});

test('[INB-7] `ready` says what is unread where `inbox` was asked for', async () => {
  const { tenant, cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  // Nobody says anything there.
  await tenant.channel(users.bob, users.ann, users.cy);
  const ann = await system.connect(users.ann);
  const first = await ann.sayAndWait(cid, 'hello');
  await ann.sayAndWait(cid, `hello <@${users.bob.userId}>`);
  const opened = async (name: 'ann' | 'bob' | 'cy', options = { inbox: true }) => {
    const session = await system.connect(users[name], options);
    return session.record.of('ready')[0]?.unread;
  };
  expect(await opened('bob')).toEqual({ conversations: 1, mentions: 1 });
  expect(await opened('cy')).toEqual({ conversations: 1, mentions: 0 });
  expect(await opened('ann')).toEqual({ conversations: 0, mentions: 0 });
  expect(await opened('bob', { inbox: false })).toBeUndefined();
  const stream = await SseClient.start({ url: system.sse(1), token: users.bob.token, from: [], inbox: true });
  expect(await stream.record.next('ready')).toMatchObject({ unread: { conversations: 1, mentions: 1 } });
  stream.close();

  const bob = await system.connect(users.bob, { inbox: true });
  bob.sendFrame({ t: 'auth', jwt: users.bob.token });
  expect(await bob.record.next('ready', {}, { from: 1 })).not.toHaveProperty('unread');
  await bob.join(cid);
  bob.sendFrame({ t: 'read', cid, pos: first });
  await expect.poll(() => opened('bob')).toEqual({ conversations: 1, mentions: 1 });
  bob.sendFrame({ t: 'read', cid, pos: first + 1 });
  await expect.poll(() => opened('bob')).toEqual({ conversations: 0, mentions: 0 });
});

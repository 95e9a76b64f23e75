import { waitUntil } from '@messagecore/dev-servers';
import { LIMITS } from '@messagecore/protocol';
import { type HistoryPage } from '@messagecore/protocol/features';
import { call, newMid } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { joinAll, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

beforeAll(async () => {
  system = await startSystem({ chatServices: 2 });
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

const headOf = async (cid: string) =>
  (
    await system.sql<{ head: number }[]>`select last_seq::int as head from conversations where conversation_id = ${cid}`
  )[0]!.head;

test('[SEND-1] what was acknowledged is in the history', async () => {
  const { cid, users, tenant } = room;
  const ann = await system.connect(users.ann);
  for (const i of range(1, 20)) {
    const seq = await ann.sayAndWait(cid, `durable ${i}`);
    const { body } = await call<z.infer<typeof HistoryPage>>(
      'GET',
      `${tenant.api}/v1/conversations/${cid}/messages?after=${seq - 1}&limit=1`,
      { headers: users.bob.auth },
    );
    expect(body.items).toMatchObject([{ seq, body: { text: `durable ${i}` }, from: users.ann.userId }]);
  }
});

test('[SEND-2] sending needs no join, but membership', async () => {
  const { cid, users, tenant } = room;
  const ann = await system.connect(users.ann);
  await ann.sayAndWait(cid, 'from the door');
  expect(ann.record.messages(cid)).toEqual([]);
  const eve = await system.connect(await tenant.user('eve'));
  const mid = eve.say(cid, 'from outside');
  await eve.record.next('error', { ref: mid, cid, code: 'not_member' });
});

test('[SEND-3] the sender and all its devices get the message too', async () => {
  const { cid, users } = room;
  const phone = await system.connect(users.ann, { clientId: 'phone', gateway: 0 });
  const laptop = await system.connect(users.ann, { clientId: 'laptop', gateway: 1 });
  await Promise.all([phone.join(cid), laptop.join(cid)]);
  const mid = phone.say(cid, 'to myself');
  const { pos } = await phone.record.next('ack', { mid });
  for (const device of [phone, laptop]) await device.record.next('message', { cid, seq: pos, mid });
  expect(laptop.record.of('ack')).toEqual([]);
});

test('[SEND-4] the time of a message is the server’s', async () => {
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const before = Date.now();
  const seq = await ann.sayAndWait(cid, 'what time is it?', { at: 1 });
  const { at } = await bob.record.next('message', { cid, seq });
  expect(at).toBeGreaterThanOrEqual(before - 1_000);
  expect(at).toBeLessThanOrEqual(Date.now() + 1_000);
});

test.each(['sys', 'poem', 'x-unknown', 'constructor', 'TEXT'])('[SEND-5] kind %s is not for clients', async (kind) => {
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const mid = ann.say(cid, '', { kind, body: { event: 'added', text: 'x' } });
  await ann.record.next('error', { ref: mid, cid, code: 'unsupported_kind' });
});

test('[SEND-6] a wrong body is refused by itself, not with its neighbours', async () => {
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const sent = range(1, 60).map((i) => {
    const bad = i % 3 === 0;
    const body = bad ? [{ text: 5 }, { text: '' }, {}, { text: 'x', format: 'html' }][i % 4]! : { text: `good ${i}` };
    return { bad, mid: ann.say(cid, '', { body }) };
  });
  const answered = () => ann.record.of('ack').length + ann.record.of('error').length;
  await ann.record.until('all answers', () => answered() === sent.length);
  const goodMids = sent.filter(({ bad }) => !bad).map(({ mid }) => mid);
  expect(ann.record.of('ack').map(({ mid }) => mid)).toEqual(goodMids);
  for (const { mid } of sent.filter(({ bad }) => bad)) {
    expect(ann.record.of('error', { ref: mid })).toMatchObject([
      { code: 'bad_request', cid, msg: expect.stringMatching(/text|format/) },
    ]);
  }
  await bob.record.until('the good ones', () => bob.record.messages(cid).length === goodMids.length);
  expect(bob.record.messages(cid).map(({ mid }) => mid)).toEqual(goodMids);
});

test.each(['replyTo', 'threadRoot'] as const)('[SEND-7] %s must name a message that exists', async (field) => {
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await ann.sayAndWait(cid, 'the one');
  const answer = await bob.sayAndWait(cid, 'an answer', { [field]: seq });
  expect(await ann.record.next('message', { cid, seq: answer })).toMatchObject({ [field]: seq });
  const mid = ann.say(cid, 'an answer to nothing', { [field]: answer + 1_000 });
  await ann.record.next('error', { ref: mid, cid, code: 'bad_request' });
});

test('[SEND-8] a session has a bounded number of sends in flight', async () => {
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  // The row is held, so that nothing is acknowledged meanwhile.
  const mids: string[] = [];
  await system.sql.begin(async (tx) => {
    await tx`select from conversations where conversation_id = ${cid} for update`;
    for (let i = 0; i < LIMITS.sendsInFlight + 10; i += 1) mids.push(ann.say(cid, `${i}`));
    await ann.record.until('ten refusals', () => ann.record.of('error', { code: 'rate_limited' }).length >= 10);
  });
  await ann.record.until('the others', () => ann.record.of('ack').length === LIMITS.sendsInFlight, 60_000);
  expect(ann.record.of('ack').map(({ mid }) => mid)).toEqual(mids.slice(0, LIMITS.sendsInFlight));
  expect(ann.record.of('error').map(({ ref }) => ref)).toEqual(mids.slice(LIMITS.sendsInFlight));
});

test('[SEND-9] a refused send leaves no trace', async () => {
  const { cid, users, tenant } = room;
  const before = await headOf(cid);
  const ann = await system.connect(users.ann);
  const eve = await system.connect(await tenant.user('eve'));
  const refused = [
    ann.say(cid, '', { body: { text: '' } }),
    ann.say(cid, 'x'.repeat(LIMITS.textCodePoints + 1)),
    ann.say(cid, 'x', { kind: 'sys' }),
    ann.say(cid, 'x', { replyTo: before + 1_000 }),
  ];
  const foreign = eve.say(cid, 'hello');
  await ann.record.until('refusals', () => ann.record.of('error').length === refused.length);
  await eve.record.next('error', { ref: foreign });
  expect(await headOf(cid)).toBe(before);
  expect(await ann.sayAndWait(cid, 'next')).toBe(before + 1);
});

test('[SEND-10] a write does not wait for the bus', async () => {
  const apart = await startSystem();
  try {
    const { cid, users, tenant } = await newRoom(apart, 'ann', 'bob');
    const bob = await apart.connect(users.bob, { gateway: 1 });
    const { head } = await bob.join(cid);
    await apart.nats.kill();
    const { status, body } = await call<{ seq: number }>('POST', `${tenant.api}/v1/conversations/${cid}/messages`, {
      headers: users.ann.auth,
      body: { mid: newMid(), kind: 'text', body: { text: 'into the silence' } },
    });
    expect({ status, seq: body.seq }).toEqual({ status: 201, seq: head + 1 });
    await apart.nats.restart();
    await bob.record.next('message', { cid, seq: head + 1, body: { text: 'into the silence' } }, { timeoutMs: 60_000 });
    const left = async () => Number((await apart.sql<{ count: bigint }[]>`select count(*) from outbox`)[0]!.count);
    await waitUntil('the outbox to be empty', async () => (await left()) === 0);
  } finally {
    await apart.stop();
  }
});

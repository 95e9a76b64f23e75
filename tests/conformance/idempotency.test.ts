import { RATE_PROFILES } from '@messagecore/protocol';
import { call, must, newMid } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinAll, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

beforeAll(async () => {
  system = await startSystem({ chatServices: 2 });
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

const stored = async (cid: string, mid: string) =>
  system.sql<{ seq: number }[]>`select seq::int from messages where conversation_id = ${cid} and mid = ${mid}`;

test('[IDM-1] a repeat is answered with the first seq and stores nothing', async () => {
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const mid = newMid();
  const seq = await ann.sayAndWait(cid, 'once', { mid });
  await ann.sayAndWait(cid, 'something else');
  ann.say(cid, 'once', { mid });
  await ann.record.until('the second ack', () => ann.record.of('ack', { mid }).length === 2);
  const [first, second] = ann.record.of('ack', { mid });
  expect(first).toEqual({ t: 'ack', cid, pos: seq, mid, at: expect.any(Number) });
  expect(second).toEqual(first);
  const end = await ann.sayAndWait(cid, 'the end');
  expect(end).toBe(seq + 2);
  await bob.record.next('message', { cid, seq: end });
  expect(bob.record.of('message', { mid })).toHaveLength(1);
});

test('[IDM-1] an edit or recall of the message does not change the answer', async () => {
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const [edited, recalled] = [newMid(), newMid()];
  const first = await ann.sayAndWait(cid, 'draft', { mid: edited });
  const second = await ann.sayAndWait(cid, 'oops', { mid: recalled });
  await ann.join(cid, { since: second });
  ann.sendFrame({ t: 'edit', cid, seq: first, body: { text: 'final' }, ref: 'e' });
  ann.sendFrame({ t: 'recall', cid, seq: second, ref: 'r' });
  await ann.record.next('update', { cid, seq: first });
  await ann.record.next('update', { cid, seq: second });
  ann.say(cid, 'draft', { mid: edited });
  ann.say(cid, 'oops', { mid: recalled });
  await ann.record.until('four answers', () => ann.record.of('ack').length + ann.record.of('error').length === 4);
  expect(ann.record.of('ack', { mid: edited }).map(({ pos }) => pos)).toEqual([first, first]);
  expect(ann.record.of('ack', { mid: recalled }).map(({ pos }) => pos)).toEqual([second, second]);
});

describe('[IDM-2] the same mid for something else is refused', () => {
  let mid: string;
  let target: number;
  const original = () => ({ mid, replyTo: target });

  beforeAll(async () => {
    const ann = await system.connect(room.users.ann);
    mid = newMid();
    target = await ann.sayAndWait(room.cid, 'target');
    await ann.sayAndWait(room.cid, 'original', original());
  });

  test.each([
    ['another body', 'ann', 'changed', () => ({})],
    ['another format', 'ann', 'original', () => ({ body: { text: 'original', format: 'markdown' } })],
    ['another replyTo', 'ann', 'original', () => ({ replyTo: target + 1 })],
    ['no replyTo', 'ann', 'original', () => ({ replyTo: undefined })],
    ['a threadRoot', 'ann', 'original', () => ({ threadRoot: target })],
    ['another sender', 'bob', 'original', () => ({})],
  ] as const)('%s', async (_, who, text, difference) => {
    const client = await system.connect(room.users[who]);
    const { replyTo, ...rest } = { ...original(), ...difference() } as { replyTo?: number; mid: string };
    client.say(room.cid, text, { ...rest, ...(replyTo !== undefined && { replyTo }) });
    await client.record.next('error', { code: 'mid_taken', ref: mid, cid: room.cid });
    expect(await stored(room.cid, mid)).toHaveLength(1);
  });
});

test('[IDM-3] the client’s clock and device may differ', async () => {
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const mid = newMid();
  const seq = await ann.sayAndWait(cid, 'hello', { mid, at: 1, clientId: 'phone' });
  ann.say(cid, 'hello', { mid, at: 2, clientId: 'laptop' });
  await ann.record.until('the second ack', () => ann.record.of('ack', { mid, pos: seq }).length === 2);
  expect(ann.record.of('error')).toEqual([]);
});

test('[IDM-4] a repeat is answered over the limit', async () => {
  const limits = { ...RATE_PROFILES.load, sendsPerUser: { perSecond: 0.01, burst: 3 } };
  const slow = await startSystem({ limits, gateways: 1 });
  try {
    const { cid, users } = await newRoom(slow, 'ann');
    const ann = await slow.connect(users.ann);
    const mids = range(1, 6).map((i) => ann.say(cid, `${i}`));
    const answered = () => ann.record.of('ack').length + ann.record.of('error', { code: 'rate_limited' }).length;
    await ann.record.until('six answers', () => answered() === 6);
    const firstAcks = ann.record.of('ack');
    expect(firstAcks.length).toBeGreaterThan(0);
    expect(firstAcks.length).toBeLessThan(6);
    for (const { mid, pos } of firstAcks) {
      ann.say(cid, `${mids.indexOf(mid) + 1}`, { mid });
      await ann.record.until('the repeat', () => ann.record.of('ack', { mid, pos }).length === 2);
    }
    const refused = ann.say(cid, 'still over');
    await ann.record.next('error', { ref: refused, code: 'rate_limited' });
  } finally {
    await slow.stop();
  }
});

test('[IDM-5] repeats at the same time, through both gateways and over HTTP, store one message', async () => {
  const { cid, users, tenant } = room;
  const devices = await Promise.all([0, 1, 0, 1].map((gateway) => system.connect(users.ann, { gateway })));
  const mids = range(1, 50).map(() => newMid());
  for (const mid of mids) for (const device of devices) device.say(cid, 'at once', { mid });
  const urls = system.chatServices.map(({ url }) => `${url}/v1/conversations/${cid}/messages`);
  const overHttp = await Promise.all(
    mids.slice(0, 10).flatMap((mid) =>
      urls.map((url) =>
        call<{ seq: number; mid: string }>('POST', url, {
          headers: users.ann.auth,
          body: { mid, kind: 'text', body: { text: 'at once' } },
        }),
      ),
    ),
  );
  await Promise.all(
    devices.map(({ record }) => record.until('50 acks', () => record.of('ack').length === mids.length)),
  );
  for (const mid of mids) {
    const rows = await stored(cid, mid);
    expect(rows).toHaveLength(1);
    for (const device of devices)
      expect(device.record.of('ack', { mid }).map(({ pos }) => pos)).toEqual([rows[0]!.seq]);
    for (const { body } of overHttp.filter((answer) => answer.body.mid === mid)) expect(body.seq).toBe(rows[0]!.seq);
  }
  expect(tenant.api).toBe(system.api);
});

test('[IDM-5] so do repeats inside one burst', async () => {
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const mid = newMid();
  for (let i = 0; i < 30; i += 1) ann.say(cid, 'again and again', { mid });
  await ann.record.until('30 acks', () => ann.record.of('ack', { mid }).length === 30);
  const rows = await stored(cid, mid);
  expect(rows).toHaveLength(1);
  expect(new Set(ann.record.of('ack', { mid }).map(({ pos }) => pos))).toEqual(new Set([rows[0]!.seq]));
});

test('[IDM-9] what was held up on an earlier connection is carried out, though its repeat was refused', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [earlier, later, ann] = await Promise.all([
    system.connect(users.bob, { gateway: 0 }),
    system.connect(users.bob, { gateway: 1 }),
    system.connect(users.ann),
  ]);
  await ann.join(cid);
  const mid = newMid();
  const mute = (mutedUntil: number | null) =>
    must('PATCH', `${system.api}/v1/conversations/${cid}/participants/${users.bob.userId}`, {
      headers: users.ann.auth,
      body: { mutedUntil },
    });
  await mute(Date.now() + 600_000);
  later.say(cid, 'late', { mid });
  await later.record.next('error', { ref: mid, code: 'muted' });
  await mute(null);
  const seq = await earlier.sayAndWait(cid, 'late', { mid });
  await ann.record.next('message', { cid, seq, mid });
});

test('[IDM-6] the same mid elsewhere is another message', async () => {
  const { users, tenant, cid } = room;
  const elsewhere = await tenant.channel(users.ann, users.bob);
  const ann = await system.connect(users.ann);
  const mid = newMid();
  await ann.sayAndWait(cid, 'here', { mid });
  await ann.sayAndWait(elsewhere, 'there', { mid });
  expect(await stored(cid, mid)).toHaveLength(1);
  expect(await stored(elsewhere, mid)).toHaveLength(1);
});

test('[IDM-7] a repeat over HTTP of what went by frame, and the other way round', async () => {
  const { cid, users, tenant } = room;
  const ann = await system.connect(users.ann);
  const url = `${tenant.api}/v1/conversations/${cid}/messages`;
  const post = (mid: string, text: string) =>
    call<{ seq: number }>('POST', url, { headers: users.ann.auth, body: { mid, kind: 'text', body: { text } } });

  const byFrame = newMid();
  const seq = await ann.sayAndWait(cid, 'frame first', { mid: byFrame });
  expect(await post(byFrame, 'frame first')).toMatchObject({ status: 200, body: { seq } });
  expect(await post(byFrame, 'something else')).toMatchObject({ status: 409, body: { code: 'mid_taken' } });

  const byHttp = newMid();
  const { status, body } = await post(byHttp, 'http first');
  expect(status).toBe(201);
  expect(await ann.sayAndWait(cid, 'http first', { mid: byHttp })).toBe(body.seq);
});

/** Messages that expire after everybody else has read them (EXPR-7 … EXPR-10). */
import type { HistoryPage, ScheduledMessage } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const LONG = { timeoutMs: 60_000 };
const HOUR = 3_600;
/** Where processes are started meanwhile. */
const PATIENCE = { timeout: 240_000 };

let system: System;

/** None of its processes looks who has read until one is added that does. */
let sleepy: System;

beforeAll(async () => {
  const roles = new Set(['api', 'rpc', 'relay', 'workers'] as const);
  [system, sleepy] = await Promise.all([
    startSystem({ gateways: 2, chatServices: 2 }),
    startSystem({ chatService: { roles } }),
  ]);
});
afterAll(() => Promise.all([system.stop(), sleepy.stop()]));

const urlOf = (at: System, cid: string, rest: string) => `${at.api}/v1/conversations/${cid}/${rest}`;
const post = (at: System, user: TestUser, cid: string, body: object) =>
  call<{ seq: number; code: string }>('POST', urlOf(at, cid, 'messages'), { headers: user.auth, body });
const textOf = (text: string) => ({ kind: 'text', body: { text } });
const pageOf = (at: System, user: TestUser, cid: string) =>
  must<HistoryPage>('GET', urlOf(at, cid, 'messages'), { headers: user.auth });
const GONE = { body: {}, recalled: true, expired: true };

test('[EXPR-7] [EXPR-8] [EXPR-9] it is recalled so long after the others have read it, at every gateway', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(users.bob, { gateway })));
  for (const session of sessions) await session.join(cid);
  const ann = await system.connect(users.ann);
  await ann.join(cid);
  const byFrame = await ann.sayAndWait(cid, 'by frame', { expiresAfterRead: 2 });
  const { seq: byRest } = (
    await post(system, users.ann, cid, { mid: newMid(), ...textOf('by REST'), expiresAfterRead: 2 })
  ).body;
  await ann.sayAndWait(cid, 'stays');
  for (const { record } of sessions) {
    for (const seq of [byFrame, byRest]) {
      const message = await record.next('message', { cid, seq }, LONG);
      expect(message).toMatchObject({ expiresAfterRead: 2, rev: 0 });
      expect(message.expiresAt).toBeUndefined();
    }
  }
  // The own reading of the sender comes first: nothing may have begun when the other one reads.
  await must('PUT', urlOf(system, cid, 'read'), { headers: users.ann.auth, body: { pos: byRest + 1 } });
  expect((await pageOf(system, users.ann, cid)).items.every(({ rev }) => rev === 0)).toBe(true);
  const [{ before }] = await system.sql<[{ before: number }]>`
    select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as before`;
  await must('PUT', urlOf(system, cid, 'read'), { headers: users.bob.auth, body: { pos: byRest + 1 } });
  await must('PATCH', urlOf(system, cid, 'settings'), { headers: users.bob.auth, body: { markedUnread: true } });
  for (const { record } of sessions) {
    for (const seq of [byFrame, byRest]) {
      const begun = await record.next('update', { cid, seq }, LONG);
      expect(begun.expired).toBeUndefined();
      expect(begun.expiresAt).toBeGreaterThanOrEqual(before + 2_000);
      const { expiresAt } = begun;
      await record.until('its end', () => record.of('update', { cid, seq }).length === 2, LONG.timeoutMs);
      expect(record.of('update', { cid, seq }).at(-1)).toMatchObject({ ...GONE, expiresAt, expiresAfterRead: 2 });
    }
    expect(record.of('update', { cid }).map(({ rev }) => rev)).toEqual([1, 2, 3, 4]);
  }
  const rows = await system.sql<{ early: boolean }[]>`
    select expired_at < expires_at or expires_at < read_by_all_at + interval '1 second' as early
    from messages where conversation_id = ${cid} and expired_at is not null`;
  expect(rows.map(({ early }) => early)).toEqual([false, false]);
  const { items } = await pageOf(system, users.bob, cid);
  expect(JSON.stringify(items)).not.toContain('by ');
  expect(items.at(-1)?.body).toEqual({ text: 'stays' });
});

test('[EXPR-7] [EXPR-10] a time out of range is refused, and a conversation of more than 100', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  const refusal = async (expiresAfterRead: unknown) => {
    const errors = ann.record.of('error').length;
    const frame = { t: 'send', cid, mid: newMid(), clientId: 'c', at: 1, ...textOf('x'), expiresAfterRead, ref: 'r' };
    ann.sendRaw(JSON.stringify(frame));
    await ann.record.until('the refusal', () => ann.record.of('error').length > errors);
    return ann.record.of('error').at(-1)?.code;
  };
  for (const expiresAfterRead of [0, -1, 1.5, 7 * 24 * HOUR + 1, '60']) {
    const { status, body } = await post(system, users.ann, cid, { mid: newMid(), ...textOf('x'), expiresAfterRead });
    expect([status, body.code]).toEqual([400, 'bad_request']);
    expect(await refusal(expiresAfterRead)).toBe('bad_frame');
  }
  const crowd = await tenant.users(...Array.from({ length: 100 }, (_, n) => `user ${n}`));
  await must('POST', urlOf(system, cid, 'participants'), {
    headers: users.ann.auth,
    body: { users: crowd.map(({ userId }) => userId) },
  });
  expect(await refusal(60)).toBe('too_large');
  const { status, body } = await post(system, users.ann, cid, { mid: newMid(), ...textOf('x'), expiresAfterRead: 60 });
  expect([status, body.code]).toEqual([413, 'too_large']);
});

test(
  '[EXPR-8] [EXPR-9] what was read while the service was down begins when it is back; newcomers are not waited for',
  PATIENCE,
  async () => {
    const { cid, users, tenant } = await newRoom(sleepy, 'ann', 'bob', 'eve');
    const { seq } = (await post(sleepy, users.ann, cid, { mid: newMid(), ...textOf('x'), expiresAfterRead: HOUR }))
      .body;
    for (const user of [users.bob, users.eve])
      await must('PUT', urlOf(sleepy, cid, 'read'), { headers: user.auth, body: { pos: seq } });
    const [dan] = await tenant.users('dan');
    await must('POST', urlOf(sleepy, cid, 'participants'), {
      headers: users.ann.auth,
      body: { users: [dan!.userId] },
    });
    expect((await pageOf(sleepy, users.bob, cid)).items.find((item) => item.seq === seq)?.expiresAt).toBeUndefined();
    const jobs = await sleepy.addChatService({ roles: new Set(['jobs']) });
    const expiresAt = () =>
      pageOf(sleepy, users.bob, cid).then(({ items }) => items.find((item) => item.seq === seq)?.expiresAt);
    await vi.waitUntil(async () => (await expiresAt()) !== undefined, 60_000);
    await jobs.stop();
    const [row] = await sleepy.sql<{ seconds: number }[]>`
      select extract(epoch from expires_at - read_by_all_at)::float8 as seconds
      from messages where conversation_id = ${cid} and seq = ${seq}`;
    expect(Math.round(row!.seconds)).toBe(HOUR);
  },
);

test('[EXPR-7] [LATER-2] a scheduled message has it too', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const sent = { mid: newMid(), ...textOf('later'), expiresAfterRead: HOUR };
  const url = urlOf(system, cid, 'scheduled');
  await must<ScheduledMessage>('POST', url, { headers: users.ann.auth, body: { ...sent, at: Date.now() + 2_000 } });
  await vi.waitFor(
    async () =>
      expect((await pageOf(system, users.bob, cid)).items.at(-1)).toMatchObject({
        mid: sent.mid,
        expiresAfterRead: HOUR,
      }),
    60_000,
  );
  expect(await post(system, users.ann, cid, sent)).toMatchObject({ status: 200 });
});

/** Messages with a time to live (EXPR). */
import type { Message } from '@messagecore/protocol';
import type { HistoryPage, Page } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const LONG = { timeoutMs: 60_000 };
const HOUR = 3_600;
/** Where processes are started meanwhile. */
const PATIENCE = { timeout: 240_000 };

let system: System;

/** None of its processes expires anything until one is added that does. */
let sleepy: System;

beforeAll(async () => {
  const roles = new Set(['api', 'rpc', 'relay', 'workers'] as const);
  [system, sleepy] = await Promise.all([
    startSystem({ gateways: 2, chatServices: 2 }),
    startSystem({ gateways: 2, chatService: { roles } }),
  ]);
});
afterAll(() => Promise.all([system.stop(), sleepy.stop()]));

const urlOf = (at: System, cid: string, rest: string) => `${at.api}/v1/conversations/${cid}/${rest}`;
const post = (at: System, user: TestUser, cid: string, body: object) =>
  call<{ seq: number; code: string }>('POST', urlOf(at, cid, 'messages'), { headers: user.auth, body });
const textOf = (text: string) => ({ kind: 'text', body: { text } });
async function say(at: System, user: TestUser, cid: string, text: string, expiresIn?: number, more: object = {}) {
  const { status, body } = await post(at, user, cid, { mid: newMid(), ...textOf(text), expiresIn, ...more });
  expect(status).toBe(201);
  return body.seq;
}
const pageOf = (at: System, user: TestUser, cid: string, query = '') =>
  must<HistoryPage>('GET', urlOf(at, cid, `messages${query}`), { headers: user.auth });
const expiredAfter = (at: System, cid: string) => async () => {
  const [row] =
    await at.sql`select count(*)::int from messages where conversation_id = ${cid} and expired_at is not null`;
  return row?.['count'] as number;
};
/** Brings the time of all messages of a conversation forward, as if it had passed. */
const passTime = (at: System, cid: string) =>
  at.sql`update messages set expires_at = now() where conversation_id = ${cid} and expires_at is not null`;
const GONE = { body: {}, recalled: true, expired: true };

test('[EXPR-1] [EXPR-2] [EXPR-4] it is recalled at its time, not before, once, at every gateway; others stay', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [here, there] = await Promise.all([0, 1].map((gateway) => system.connect(users.bob, { gateway })));
  for (const session of [here!, there!]) await session.join(cid);
  const ann = await system.connect(users.ann);
  const byFrame = await ann.sayAndWait(cid, 'by frame', { expiresIn: 2 });
  const byRest = await say(system, users.ann, cid, 'by REST', 2);
  const staying = await say(system, users.ann, cid, 'stays');
  const later = await say(system, users.ann, cid, 'later', HOUR);
  for (const { record } of [here!, there!]) {
    for (const seq of [byFrame, byRest]) {
      const message = await record.next('message', { cid, seq }, LONG);
      expect(message).toMatchObject({ expiresAt: message.at + 2_000, rev: 0 });
      expect(await record.next('update', { cid, seq }, LONG)).toMatchObject({ ...GONE, expiresAt: message.expiresAt });
    }
    expect(await record.next('message', { cid, seq: later }, LONG)).toMatchObject(textOf('later'));
    expect(record.of('update', { cid })).toHaveLength(2);
    expect((await record.next('message', { cid, seq: staying }, LONG)).expiresAt).toBeUndefined();
  }
  const rows = await system.sql<{ early: boolean }[]>`
    select expired_at < expires_at as early from messages where conversation_id = ${cid} and expired_at is not null`;
  expect(rows.map(({ early }) => early)).toEqual([false, false]);
  const { items } = await pageOf(system, users.bob, cid);
  expect(items.slice(-2).map(({ body }) => body)).toEqual([{ text: 'stays' }, { text: 'later' }]);
  expect(JSON.stringify(items)).not.toContain('by ');
});

test('[EXPR-1] a time out of range is refused, by REST and by frame', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  for (const expiresIn of [0, -1, 1.5, 365 * 24 * HOUR + 1, '60']) {
    const { status, body } = await post(system, users.ann, cid, { mid: newMid(), ...textOf('x'), expiresIn });
    expect([status, body.code]).toEqual([400, 'bad_request']);
    const errors = ann.record.of('error').length;
    ann.sendRaw(
      JSON.stringify({ t: 'send', cid, mid: newMid(), clientId: 'c', at: 1, ...textOf('x'), expiresIn, ref: 'r' }),
    );
    await ann.record.until('the refusal', () => ann.record.of('error').length > errors);
    expect(ann.record.of('error').at(-1)).toMatchObject({ code: 'bad_frame' });
  }
});

test(
  '[EXPR-3] [EXPR-5] [EXPR-6] what it said is told to nobody from its time on, before and after the change',
  PATIENCE,
  async () => {
    const { cid, users } = await newRoom(sleepy, 'ann', 'bob');
    const mid = newMid();
    const sent = { mid, ...textOf('the secret'), expiresIn: HOUR };
    const { seq } = (await post(sleepy, users.ann, cid, sent)).body;
    const edit = urlOf(sleepy, cid, `messages/${seq}`);
    await must('PATCH', edit, { headers: users.ann.auth, body: { body: { text: 'the secret too' } } });
    await must('PUT', `${edit}/reactions/👍`, { headers: users.bob.auth });
    await must('PUT', `${edit}/pin`, { headers: users.ann.auth });
    const reply = await say(sleepy, users.bob, cid, 'no reply needed', undefined, { replyTo: seq });
    const { body: forwarded } = await call<{ items: { seq: number }[] }>('POST', urlOf(sleepy, cid, 'forward'), {
      headers: users.bob.auth,
      body: { seqs: [seq], mids: [newMid()], to: cid, clientId: 'c' },
    });
    const copy = forwarded.items[0]?.seq;
    expect(copy).toBe(reply + 1);
    await say(sleepy, users.bob, cid, 'the newest one');
    const answers = async (gateway: number) => {
      const session = await sleepy.connect(users.bob, { gateway });
      await session.join(cid, { since: 0 });
      const replayed = await session.record.next('message', { cid, seq }, LONG);
      const page = await pageOf(sleepy, users.bob, cid, '?quotes=true');
      const edits = await must<Page<object>>('GET', `${edit}/edits`, { headers: users.ann.auth });
      const lines = await must<object>('GET', urlOf(sleepy, cid, 'export'), { headers: users.ann.auth });
      const list = await must<object>('GET', `${sleepy.api}/v1/conversations`, { headers: users.bob.auth });
      const told = page.items.find((item) => item.seq === seq) as Message;
      const others = { ...page, items: page.items.filter((item) => item.seq !== copy) };
      return { replayed, told, edits: edits.items, text: JSON.stringify([others, edits, list, replayed]), lines };
    };
    const before = await answers(1);
    expect(before.text).toContain('the secret');
    expect(before.edits).toHaveLength(1);
    await passTime(sleepy, cid);
    const again = await post(sleepy, users.ann, cid, { ...sent, expiresIn: HOUR });
    expect([again.status, again.body.code]).toEqual([409, 'mid_taken']);
    const check = async (gateway: number) => {
      const { replayed, told, edits, text, lines } = await answers(gateway);
      expect(replayed).toMatchObject(GONE);
      expect(told).toMatchObject(GONE);
      expect(told.reactions).toBeUndefined();
      expect(edits).toEqual([]);
      expect(text).not.toContain('the secret');
      const exported = JSON.stringify(lines).split('the secret').length - 1;
      expect(exported).toBe(1);
      const late = await call<{ code: string }>('PATCH', edit, {
        headers: users.ann.auth,
        body: { body: { text: 'again' } },
      });
      expect([late.status, late.body.code]).toEqual([409, 'conflict']);
    };
    // The other gateway holds the frame that it has delivered, until the change reaches it.
    await check(0);
    expect(await expiredAfter(sleepy, cid)()).toBe(0);
    const jobs = await sleepy.addChatService({ roles: new Set(['jobs']) });
    await vi.waitUntil(async () => (await expiredAfter(sleepy, cid)()) === 1, 60_000);
    await jobs.stop();
    await check(0);
    await vi.waitFor(() => check(1), 60_000);
    const trail = await sleepy.sql`select from message_edits where conversation_id = ${cid} and seq = ${seq}`;
    const reactions = await sleepy.sql`select from reactions where conversation_id = ${cid} and seq = ${seq}`;
    expect([trail.length, reactions.length]).toEqual([0, 0]);
  },
);

test('[EXPR-6] a repeat is answered with the first seq, also after it has expired; another message is not', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const sent = { mid: newMid(), ...textOf('once'), expiresIn: HOUR };
  const { seq } = (await post(system, users.ann, cid, sent)).body;
  expect(await post(system, users.ann, cid, sent)).toMatchObject({ status: 200, body: { seq } });
  expect((await post(system, users.ann, cid, { ...sent, expiresIn: 2 })).body.code).toBe('mid_taken');
  expect((await post(system, users.ann, cid, { ...sent, body: { text: 'twice' } })).body.code).toBe('mid_taken');
  // As if it had been sent an hour before: a repeat names the same time to live.
  await system.sql`
    update messages set created_at = created_at - interval '1 hour', expires_at = expires_at - interval '1 hour'
    where conversation_id = ${cid} and seq = ${seq}`;
  await vi.waitUntil(async () => (await expiredAfter(system, cid)()) === 1, 60_000);
  expect(await post(system, users.ann, cid, sent)).toMatchObject({ status: 200, body: { seq } });
  for (const other of [{ expiresIn: 2 }, { expiresIn: undefined }, { kind: 'x-other' }, { replyTo: 1 }])
    expect((await post(system, users.ann, cid, { ...sent, ...other })).status).not.toBe(200);
  expect((await post(system, users.bob, cid, sent)).body.code).toBe('mid_taken');
});

test('[EXPR-2] what was recalled before has no trail any more when its time is over', PATIENCE, async () => {
  const { cid, users } = await newRoom(sleepy, 'ann');
  const seq = await say(sleepy, users.ann, cid, 'the secret', HOUR);
  await must('DELETE', urlOf(sleepy, cid, `messages/${seq}`), { headers: users.ann.auth });
  const trail = () => sleepy.sql`select from message_edits where conversation_id = ${cid} and seq = ${seq}`;
  expect(await trail()).toHaveLength(1);
  await passTime(sleepy, cid);
  const jobs = await sleepy.addChatService({ roles: new Set(['jobs']) });
  await vi.waitUntil(async () => (await expiredAfter(sleepy, cid)()) === 1, 60_000);
  await jobs.stop();
  expect(await trail()).toHaveLength(0);
  expect((await pageOf(sleepy, users.ann, cid)).items.at(-1)).toMatchObject({ ...GONE, rev: 2 });
});

test(
  '[EXPR-2] everything expires once, though the process that does it is killed in the middle',
  PATIENCE,
  async () => {
    const rooms = await Promise.all(range(1, 4).map(() => newRoom(sleepy, 'ann')));
    const COUNT = 150;
    const sessions = await Promise.all(
      rooms.map(async ({ cid, users }, n) => {
        const session = await sleepy.connect(users.ann, { gateway: n % 2 });
        await session.join(cid);
        const mids = range(1, COUNT).map((i) => session.say(cid, `message ${i}`, { expiresIn: HOUR }));
        await session.record.until('all acks', () => session.record.of('ack', { cid }).length >= mids.length);
        return session;
      }),
    );
    // The last one cannot be changed until the process is dead: it is killed in the middle of its work.
    const held = rooms.at(-1)!.cid;
    const holder = await sleepy.sql.reserve();
    await holder`begin`;
    await holder`select from conversations where conversation_id = ${held} for update`;
    for (const { cid } of rooms) await passTime(sleepy, cid);
    const first = await sleepy.addChatService({ roles: new Set(['jobs']) });
    await vi.waitUntil(async () => (await expiredAfter(sleepy, rooms[0]!.cid)()) > 0, 60_000);
    await first.kill();
    expect(await expiredAfter(sleepy, held)()).toBe(0);
    await holder`rollback`;
    holder.release();
    const second = await sleepy.addChatService({ roles: new Set(['jobs']) });
    for (const [n, { cid }] of rooms.entries()) {
      await vi.waitUntil(async () => (await expiredAfter(sleepy, cid)()) === COUNT, 60_000);
      const { record } = sessions[n]!;
      await record.until('all updates', () => record.of('update', { cid }).length >= COUNT, LONG.timeoutMs);
      expect(record.of('update', { cid }).map(({ rev }) => rev)).toEqual(range(1, COUNT));
      expect(new Set(record.of('update', { cid }).map(({ seq }) => seq)).size).toBe(COUNT);
      const [conversation] = await sleepy.sql<{ rev: number }[]>`
      select last_rev::int as rev from conversations where conversation_id = ${cid}`;
      expect(conversation?.rev).toBe(COUNT);
    }
    await second.stop();
  },
);

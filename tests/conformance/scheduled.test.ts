/** Messages that are sent at a later time (LATER). */
import { HEADERS, LIMITS } from '@messagecore/protocol';
import type { Page, ScheduledMessage } from '@messagecore/protocol/features';
import { scheduledOperations as operations } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { askSoon } from '../support/ask-soon.ts';
import { callOf } from '../support/operations.ts';
import { newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const urlOf = (cid: string, mid = '') => `${system.api}/v1/conversations/${cid}/scheduled/${mid}`.replace(/\/$/, '');
const inAnHour = () => Date.now() + HOUR_MS;
const text = (words: string) => ({ kind: 'text', body: { text: words } });
type Args = Partial<ScheduledMessage>;
type Answered = ScheduledMessage & { code: string };
const post = (user: TestUser, { cid, ...body }: Args & { cid: string }) =>
  call<Answered>('POST', urlOf(cid), { headers: user.auth, body });
const change = (user: TestUser, { cid, mid }: Pick<ScheduledMessage, 'cid' | 'mid'>, body: Args) =>
  call<Answered>('PATCH', urlOf(cid, mid), { headers: user.auth, body });
const remove = (user: TestUser, { cid, mid }: Pick<ScheduledMessage, 'cid' | 'mid'>) =>
  call<Answered>('DELETE', urlOf(cid, mid), { headers: user.auth });
const create = async (user: TestUser, cid: string, args: Args = {}) => {
  const message = { cid, mid: newMid(), ...text('later'), at: inAnHour(), ...args };
  const { status, body } = await post(user, message);
  expect(body).toMatchObject({ ...message, state: 'waiting', error: null, seq: null });
  expect(status).toBe(201);
  return body;
};
const createSoon = async (user: TestUser, cid: string, args: Args = {}) => {
  const answer = await askSoon((at) => post(user, { cid, mid: newMid(), at, ...args }));
  expect(answer).toMatchObject({ status: 201, body: { state: 'waiting' } });
  return answer.body;
};
const list = (user: TestUser, query = '') =>
  must<Page<ScheduledMessage>>('GET', `${system.api}/v1/scheduled${query}`, { headers: user.auth });
const storedAs = (cid: string, mid: string) =>
  system.sql<{ seq: number; text: string; early: boolean; sender: string }[]>`
    select seq::int as seq, body ->> 'text' as text, sender_id as sender from messages
    where conversation_id = ${cid} and mid = ${mid}`;
const failed = (user: TestUser) =>
  vi.waitUntil(async () => (await list(user)).items.find(({ state }) => state === 'failed'), 60_000);
/** Moves the time of these messages to so many milliseconds from now. Returns it. */
const setTime = (mids: readonly string[], aheadMs: number) =>
  system.sql.begin(async (tx) => {
    const at = tx`now() + ${aheadMs} * interval '1 millisecond'`;
    await tx`
      update jobs set run_at = ${at} where kind = 'send scheduled message' and payload ->> 'mid' in ${tx(mids)}`;
    const [row] = await tx<{ at: Date }[]>`
      update scheduled_messages set send_at = ${at} where mid in ${tx(mids)} returning send_at as at`;
    return row!.at.getTime();
  });
/** Brings a message's time forward, as if it had passed. */
const passTime = ({ mid }: ScheduledMessage) => setTime([mid], 0);

test('[LATER-1] a message is kept as a send would be, for its own user, and a repeat makes no second one', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const message = await create(users.ann, cid, { replyTo: 1 });
  const { state: _state, error: _error, seq: _seq, ...args } = message;
  expect(await post(users.ann, args)).toMatchObject({ status: 200, body: message });
  const other = await post(users.ann, { ...args, ...text('other') });
  expect([other.status, other.body.code]).toEqual([409, 'mid_taken']);
  expect((await list(users.ann)).items).toEqual([message]);
  expect((await list(users.bob)).items).toEqual([]);
  const of = { cid, mid: newMid(), at: inAnHour() };
  for (const [wrong, status, code] of [
    [{ ...of, kind: 'text', body: { text: '' } }, 400, 'bad_request'],
    [{ ...of, kind: 'sys', body: { event: 'x' } }, 400, 'unsupported_kind'],
    [{ ...of, ...text('x'), at: Date.now() - HOUR_MS }, 400, 'bad_request'],
    [{ ...of, ...text('x'), at: Date.now() + (LIMITS.aheadDays + 1) * DAY_MS }, 400, 'bad_request'],
    [{ ...of, ...text('x'.repeat(LIMITS.textCodePoints + 1)) }, 413, 'too_large'],
  ] as const) {
    const answer = await post(users.ann, wrong);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  }
});

test('[LATER-1] the mid of a message that is stored is a repeat with its content alone, and never has another one dropped', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const path = `${system.api}/v1/conversations/${cid}/messages`;
  const say = (mid: string, args: object) =>
    must<{ seq: number }>('POST', path, { headers: users.ann.auth, body: { mid, ...args } });
  const { seq: replyTo } = await say(newMid(), text('first'));
  const sent = { ...text('one'), replyTo, expiresIn: 86_400 };
  const [mid, of] = [newMid(), { cid, at: inAnHour() }];
  const { seq } = await say(mid, sent);
  await must('PATCH', `${path}/${seq}`, { headers: users.ann.auth, body: { body: { text: 'edited' } } });
  expect(await post(users.ann, { ...of, mid, ...sent })).toMatchObject({ status: 200, body: { state: 'sent', seq } });
  const { replyTo: _replyTo, ...elsewhere } = sent;
  const { expiresIn: _expiresIn, ...lasting } = sent;
  for (const other of [
    { ...sent, ...text('edited') },
    { ...sent, kind: 'location', body: { lat: 1, lng: 1 } },
    elsewhere,
    lasting,
  ]) {
    const { status, body } = await post(users.ann, { ...of, mid, ...other });
    expect([status, body.code]).toEqual([409, 'mid_taken']);
  }
  const foreign = await post(users.bob, { ...of, mid, ...sent });
  expect([foreign.status, foreign.body.code]).toEqual([409, 'mid_taken']);

  const message = await create(users.ann, cid, text('scheduled'));
  await say(message.mid, text('said meanwhile'));
  await passTime(message);
  expect(await failed(users.ann)).toMatchObject({ mid: message.mid, error: 'mid_taken' });
  expect((await storedAs(cid, message.mid)).map((stored) => stored.text)).toEqual(['said meanwhile']);
});

test('[LATER-1] [LATER-2] messages of the tenant’s own kinds are checked when they are scheduled, and sent', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  const schema = { type: 'object', required: ['number'], properties: { number: { type: 'integer' } } };
  const kind = 'x-order';
  await must('PUT', `${system.api}/v1/message-kinds/${kind}`, { headers: tenant.backEnd, body: { schema } });
  const of = { cid, mid: newMid(), at: inAnHour(), kind };
  // Kinds are known a few seconds later.
  const message = await vi.waitUntil(
    async () => {
      const { status, body } = await post(users.ann, { ...of, body: { number: 1, note: 'left out' } });
      return status === 201 && body;
    },
    { timeout: 60_000, interval: 500 },
  );
  expect(message.body).toEqual({ number: 1 });
  const [wrong, unknown] = [{ number: 'one' }, { ...of, mid: newMid(), kind: 'x-none', body: { number: 1 } }];
  for (const answer of [
    await post(users.ann, { ...of, mid: newMid(), body: wrong }),
    await change(users.ann, message, { body: wrong }),
  ])
    expect([answer.status, answer.body.code]).toEqual([400, 'bad_request']);
  expect((await post(users.ann, unknown)).body.code).toBe('unsupported_kind');
  expect((await change(users.ann, message, { body: { number: 2 } })).body.body).toEqual({ number: 2 });
  await passTime(message);
  await vi.waitUntil(async () => (await storedAs(cid, message.mid)).length === 1, 60_000);
  const [stored] = await system.sql`select kind, body from messages where mid = ${message.mid}`;
  expect(stored).toMatchObject({ kind, body: { number: 2 } });
});

test('[LATER-2] it is sent once at its time, by the user, and is a message like any other', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const bob = await system.connect(users.bob, { gateway: 1 });
  await bob.join(cid);
  const phone = await system.connect(users.ann, { gateway: 0 });
  const { mid, at } = await createSoon(users.ann, cid, text('good morning'));
  const message = await bob.record.next('message', { cid, mid }, { timeoutMs: 60_000 });
  expect(message).toMatchObject({ from: users.ann.userId, ...text('good morning'), rev: 0 });
  expect(message.at).toBeGreaterThanOrEqual(at);
  const told = () => phone.record.of('event').find(({ data }) => data['state'] === 'sent');
  await phone.record.until('that it was sent', () => told() !== undefined);
  expect(told()).toMatchObject({ event: 'scheduled.changed', data: { cid, mid, seq: message.seq, error: null } });
  expect((await list(users.ann)).items).toEqual([]);
  expect(await storedAs(cid, mid)).toHaveLength(1);
  const again = await post(users.ann, { cid, mid, at, ...text('good morning') });
  expect(again).toMatchObject({ status: 200, body: { state: 'sent', seq: message.seq } });
});

test('[LATER-2] however often what sends it begins anew, it is stored once', async () => {
  const { cid, users, tid } = await newRoom(system, 'ann');
  const message = await create(users.ann, cid);
  const { mid } = message;
  const payload = { uid: users.ann.userId, mid, version: 1 };
  // As it is left by a process that died after it had sent, before it said so.
  await must('POST', `${system.api}/v1/conversations/${cid}/messages`, {
    headers: users.ann.auth,
    body: { mid, ...text('later') },
  });
  await system.sql`update scheduled_messages set state = 'sending', send_at = now() where mid = ${mid}`;
  await system.sql`update jobs set run_at = now() where payload ->> 'mid' = ${mid}`;
  await system.sql`
    insert into jobs (tenant_id, kind, payload) values (${tid}, 'send scheduled message', ${system.sql.json(payload)})`;
  await vi.waitUntil(async () => (await list(users.ann)).items.length === 0, 60_000);
  expect(await storedAs(cid, mid)).toHaveLength(1);
});

test('[LATER-2] a clock of the database that is set back sends nothing before its time', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const { mid } = await create(users.ann, cid);
  // The job was taken when the clock was an hour ahead.
  await system.sql`update jobs set run_at = now() where payload ->> 'mid' = ${mid}`;
  const waits = async () => {
    const [job] = await system.sql<{ ahead: boolean }[]>`
      select run_at > now() + interval '50 minutes' as ahead from jobs where payload ->> 'mid' = ${mid}`;
    return job?.ahead === true;
  };
  await vi.waitUntil(waits, 60_000);
  expect(await storedAs(cid, mid)).toEqual([]);
  expect((await list(users.ann)).items).toMatchObject([{ mid, state: 'waiting' }]);
});

test('[LATER-2] what was begun is sent although the clock of the database is set back', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const { mid } = await create(users.ann, cid);
  // As it is left by an attempt that ended when the clock was an hour ahead.
  await system.sql`update scheduled_messages set state = 'sending' where mid = ${mid}`;
  await system.sql`update jobs set run_at = now() where payload ->> 'mid' = ${mid}`;
  await vi.waitUntil(async () => (await list(users.ann)).items.length === 0, 60_000);
  expect(await storedAs(cid, mid)).toHaveLength(1);
});

test('[LATER-2] maintenance has no message fail, however long it lasts', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  const message = await create(users.ann, cid);
  const { mid } = message;
  const headers = { [HEADERS.adminKey]: tenant.adminKey };
  const maintain = (on: boolean) =>
    must<void>('PATCH', `${system.api}/admin/v1/system`, { headers, body: { maintenance: { on } } });
  onTestFinished(() => maintain(false));
  await maintain(true);
  const everywhere = system.chatServices.map(({ url }) => async () => {
    const { status } = await call('PATCH', `${url}/v1/users/me`, { headers: users.ann.auth, body: {} });
    return status === 503;
  });
  for (const refuses of everywhere) await vi.waitUntil(refuses, 60_000);
  await system.sql`update jobs set attempts = 99 where payload ->> 'mid' = ${mid}`;
  await passTime(message);
  const again = async () => {
    const jobs = await system.sql<{ attempts: number; ahead: boolean }[]>`
      select attempts, run_at > now() as ahead from jobs where payload ->> 'mid' = ${mid}`;
    return jobs.some(({ attempts, ahead }) => ahead && attempts === 0);
  };
  await vi.waitUntil(again, 60_000);
  expect((await list(users.ann)).items).toMatchObject([{ mid, state: 'sending', error: null }]);
  await maintain(false);
  await vi.waitUntil(async () => (await storedAs(cid, mid)).length === 1, 60_000);
});

test('[LATER-3] what cannot be sent is kept with its error, told, and sent when it gets a new time', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const phone = await system.connect(users.bob, { gateway: 1 });
  const message = await create(users.bob, cid);
  await must('POST', `${system.api}/v1/conversations/${cid}/leave`, { headers: users.bob.auth });
  await passTime(message);
  expect(await failed(users.bob)).toMatchObject({
    ...message,
    at: expect.any(Number),
    state: 'failed',
    error: 'not_member',
  });
  const told = () => phone.record.of('event').some(({ data }) => data['state'] === 'failed');
  await phone.record.until('the failure', told);
  const { mid } = message;
  const tooLate = await change(users.bob, message, { body: { text: 'again' } });
  expect([tooLate.status, tooLate.body.code]).toEqual([400, 'bad_request']);
  const body = { users: [users.bob.userId] };
  await must('POST', `${system.api}/v1/conversations/${cid}/participants`, { headers: users.ann.auth, body });
  const { body: again } = await change(users.bob, message, { at: inAnHour() });
  expect(again).toMatchObject({ state: 'waiting', error: null });
  await passTime(message);
  await vi.waitUntil(async () => (await storedAs(cid, mid)).length === 1, 60_000);
});

interface Restraint {
  readonly error: string;
  readonly path: (uid: string) => string;
  readonly body: object;
}

test.each<[string, Restraint]>([
  ['is muted', { error: 'muted', path: (uid) => `/participants/${uid}`, body: { mutedUntil: Date.now() + HOUR_MS } }],
  ['takes part in what is archived', { error: 'forbidden', path: () => '', body: { archived: true } }],
])('[LATER-3] nothing is sent for a user who %s', async (_who, { error, path, body }) => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const message = await create(users.bob, cid);
  const url = `${system.api}/v1/conversations/${cid}${path(users.bob.userId)}`;
  await must('PATCH', url, { headers: users.ann.auth, body });
  await passTime(message);
  expect(await failed(users.bob)).toMatchObject({ mid: message.mid, error });
  expect(await storedAs(cid, message.mid)).toEqual([]);
});

test('[LATER-3] nothing is sent for a user who is deactivated, or erased, or of a tenant that is suspended', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob', 'cyd');
  const [bobs, cyds, anns] = [await create(users.bob, cid), await create(users.cyd, cid), await create(users.ann, cid)];
  const of = (user: TestUser) => `${system.api}/v1/users/${user.userId}`;
  await must('PATCH', of(users.bob), { headers: tenant.backEnd, body: { deactivated: true } });
  await must('DELETE', of(users.cyd), { headers: tenant.backEnd });
  await passTime(bobs);
  const errorOf = async ({ mid }: ScheduledMessage) => {
    const [row] = await system.sql<{ error: string | null }[]>`
      select error from scheduled_messages where mid = ${mid}`;
    return row === undefined ? 'gone' : row.error;
  };
  await vi.waitUntil(async () => (await errorOf(bobs)) === 'forbidden', 60_000);
  await vi.waitUntil(async () => (await errorOf(cyds)) === 'gone', 60_000);
  const admin = `${system.api}/admin/v1/tenants/${tenant.tenantId}`;
  await must('POST', `${admin}/suspend`, { headers: { 'x-admin-key': tenant.adminKey }, body: {} });
  await passTime(anns);
  await vi.waitUntil(async () => (await errorOf(anns)) === 'tenant_suspended', 60_000);
  for (const { mid } of [bobs, cyds, anns]) expect(await storedAs(cid, mid)).toEqual([]);
});

test('[LATER-4] what is changed is sent as changed, what is removed never, also when that races with its time', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const made = await Promise.all(range(0, 39).map((n) => create(users.ann, cid, text(`${n}`))));
  const mids = made.map(({ mid }) => mid);
  const at = await setTime(mids, 1_000);
  await vi.waitUntil(() => Date.now() >= at - 20, { timeout: 60_000, interval: 5 });
  const answers = await Promise.all(
    made.map((message, n) =>
      n % 2 === 0 ? change(users.ann, message, { body: { text: 'changed' } }) : remove(users.ann, message),
    ),
  );
  await vi.waitUntil(async () => (await list(users.ann)).items.length === 0, 60_000);
  for (const [n, { mid }] of made.entries()) {
    const { status } = answers[n]!;
    const stored = (await storedAs(cid, mid)).map(({ text: words }) => words);
    if (status === 200) expect(stored).toEqual(['changed']);
    else if (status === 204) expect(stored).toEqual([]);
    else expect([status, stored]).toEqual([expect.toBeOneOf([404, 409]), [`${n}`]]);
  }
});

test('[LATER-4] while it is being sent nothing changes it', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const message = await create(users.ann, cid);
  await system.sql`update scheduled_messages set state = 'sending' where mid = ${message.mid}`;
  for (const answer of [await change(users.ann, message, { body: { text: 'x' } }), await remove(users.ann, message)])
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
  const nothing = await remove(users.ann, { cid, mid: newMid() });
  expect([nothing.status, nothing.body.code]).toEqual([404, 'not_found']);
});

test('[LATER-5] the next one is listed first, and every change reaches the other sessions', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [phone, laptop, bob] = await Promise.all([
    system.connect(users.ann, { gateway: 0 }),
    system.connect(users.ann, { gateway: 1, encoding: 'msgpack' }),
    system.connect(users.bob, { gateway: 1 }),
  ]);
  const mid = newMid();
  const args = { cid, mid, ...text('later'), at: inAnHour() };
  const { data: message } = (await callOf(phone, operations.createScheduled, args)) as { data: ScheduledMessage };
  expect(await laptop.record.next('event')).toEqual({ t: 'event', event: 'scheduled.changed', data: message });
  const { data: changed } = (await callOf(phone, operations.updateScheduled, { cid, mid, body: { text: 'x' } })) as {
    data: ScheduledMessage;
  };
  expect(changed).toEqual({ ...message, body: { text: 'x' } });
  await callOf(phone, operations.removeScheduled, { cid, mid });
  await laptop.record.until('three events', () => laptop.record.of('event').length === 3);
  expect(
    laptop.record
      .of('event')
      .slice(1)
      .map(({ data }) => data),
  ).toEqual([changed, { ...changed, state: 'removed' }]);
  for (const client of [phone, bob]) await client.settle();
  expect([phone.record.of('event').length, bob.record.of('event').length]).toEqual([0, 0]);

  const ats = [5, 3, 4, 1, 2].map((n) => inAnHour() + n * 1_000);
  for (const at of ats) await create(users.ann, cid, { at });
  const first = await list(users.ann, '?limit=2');
  const second = await list(users.ann, `?limit=2&cursor=${first.next}`);
  const third = await list(users.ann, `?limit=2&cursor=${second.next}`);
  const seen = [first, second, third].flatMap(({ items }) => items.map(({ at }) => at));
  expect(seen).toEqual(ats.toSorted((a, b) => a - b));
  expect(third.next).toBe(null);
});

test('[LATER-1] so many may wait, and a page of large ones ends at its bytes', async () => {
  const { cid, tid, users } = await newRoom(system, 'ann');
  const large = JSON.stringify(text('語'.repeat(LIMITS.textCodePoints)));
  await system.sql`
    insert into scheduled_messages (user_id, mid, tenant_id, conversation_id, message, send_at)
    select ${users.ann.userId}, lpad(n::text, 26, '0'), ${tid}, ${cid}, ${large}::text::json, now() + interval '1 day'
    from generate_series(1, ${LIMITS.scheduledPerUser}) n`;
  const more = await post(users.ann, { cid, mid: newMid(), ...text('x'), at: inAnHour() });
  expect([more.status, more.body.code]).toEqual([413, 'too_large']);
  const page = await list(users.ann, '?limit=200');
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LIMITS.pageBytes + 1_024);
  expect(page.next).toEqual(expect.any(String));
  const next = await list(users.ann, `?limit=200&cursor=${page.next}`);
  expect(Number(next.items[0]?.mid)).toBe(page.items.length + 1);
});

/** Reminders of messages and notes (RMND). */
import { LIMITS } from '@messagecore/protocol';
import type { Page, Reminder, ReminderState } from '@messagecore/protocol/features';
import { reminderOperations as operations } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { askSoon } from '../support/ask-soon.ts';
import { callOf } from '../support/operations.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const HOUR_MS = 3_600_000;

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const url = (rest = '') => `${system.api}/v1/reminders${rest}`;
const inAnHour = () => Date.now() + HOUR_MS;
const ask = (user: TestUser, method: string, rest: string, body?: object) =>
  call<ReminderState & { code: string }>(method, url(rest), { headers: user.auth, ...(body && { body }) });
const create = async (user: TestUser, args: object) => {
  const { status, body } = await ask(user, 'POST', '', { reminderId: newMid(), at: inAnHour(), ...args });
  expect([status, body.state]).toEqual([201, 'waiting']);
  return body;
};
const createSoon = async (user: TestUser, args: object) => {
  const answer = await askSoon((at) => ask(user, 'POST', '', { reminderId: newMid(), at, ...args }));
  expect(answer).toMatchObject({ status: 201, body: { state: 'waiting' } });
  return answer.body;
};
const list = (user: TestUser, query = '') => must<Page<Reminder>>('GET', url(query), { headers: user.auth });
const say = async (user: TestUser, cid: string, text: string) => {
  const body = { mid: newMid(), kind: 'text', body: { text } };
  const path = `${system.api}/v1/conversations/${cid}/messages`;
  return (await must<{ seq: number }>('POST', path, { headers: user.auth, body })).seq;
};

test('[RMND-1] of a message that one sees or of a note, and a repeat makes no second one', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const seq = await say(users.bob, cid, 'do it');
  const note = await create(users.ann, { note: 'milk' });
  expect(note).toEqual({
    reminderId: note.reminderId,
    at: note.at,
    cid: null,
    seq: null,
    note: 'milk',
    state: 'waiting',
  });
  const args = { reminderId: newMid(), at: inAnHour() + 1_000, cid, seq };
  const made = await create(users.ann, args);
  expect(made).toEqual({ ...args, note: null, state: 'waiting' });
  expect(await ask(users.ann, 'POST', '', args)).toMatchObject({ status: 200, body: made });
  const other = await ask(users.ann, 'POST', '', { ...args, note: 'other' });
  expect([other.status, other.body.code]).toEqual([409, 'conflict']);
  expect((await list(users.bob)).items).toEqual([]);
  const stranger = await tenant.user('stranger');
  const more = { reminderId: newMid(), at: inAnHour() };
  for (const [user, wrong, code] of [
    [users.ann, { ...more }, 'bad_request'],
    [users.ann, { ...more, cid, note: 'x' }, 'bad_request'],
    [users.ann, { ...more, note: 'x'.repeat(LIMITS.noteCharacters + 1) }, 'bad_request'],
    [users.ann, { ...more, note: 'x', at: Date.now() - 1 }, 'bad_request'],
    [users.ann, { ...more, cid, seq: seq + 1 }, 'not_found'],
    [stranger, { ...more, cid, seq }, 'not_member'],
  ] as const) {
    expect((await ask(user, 'POST', '', wrong)).body.code).toBe(code);
  }
});

test('[RMND-2] it is due once, at its time, for all sessions and for those that come later', async () => {
  const { cid, tid, users } = await newRoom(system, 'ann', 'bob');
  const seq = await say(users.bob, cid, 'do it');
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(users.ann, { gateway })));
  const reminder = await createSoon(users.ann, { cid, seq });
  const due = { ...reminder, state: 'due' };
  for (const { record } of sessions) {
    const isTold = () => record.of('event').some(({ data }) => data['state'] === 'due');
    await record.until('the reminder', isTold, 60_000);
    expect(Date.now()).toBeGreaterThanOrEqual(reminder.at);
    expect(record.of('event').at(-1)).toEqual({ t: 'event', event: 'reminders.changed', data: due });
  }
  expect((await list(users.ann)).items).toMatchObject([{ ...due, message: { seq, body: { text: 'do it' } } }]);
  const again = Date.now() + HOUR_MS;
  const { reminderId } = reminder;
  const { body: moved } = await ask(users.ann, 'PATCH', `/${reminderId}`, { at: again });
  expect(moved).toEqual({ ...reminder, at: again });
  // Its first time is over, and its job has come twice.
  const payload = { uid: users.ann.userId, reminderId, version: 1 };
  const { sql } = system;
  await sql`insert into jobs (tenant_id, kind, payload) values (${tid}, 'remind', ${sql.json(payload)})`;
  const left = () =>
    sql`select from jobs where kind = 'remind' and payload ->> 'version' = '1' and payload ->> 'reminderId' = ${reminderId}`;
  await vi.waitUntil(async () => (await left()).length === 0, 60_000);
  expect((await list(users.ann)).items).toMatchObject([{ state: 'waiting' }]);
  for (const client of sessions) {
    await client.settle();
    expect(client.record.of('event').filter(({ data }) => data['state'] === 'due')).toHaveLength(1);
  }
});

test('[RMND-2] a note is changed, and taken away where a message is left', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const seq = await say(users.ann, cid, 'do it');
  const change = (reminderId: string, note: string | null) => ask(users.ann, 'PATCH', `/${reminderId}`, { note });
  const { reminderId } = await create(users.ann, { cid, seq, note: 'soon' });
  expect((await change(reminderId, 'now')).body.note).toBe('now');
  expect((await change(reminderId, null)).body.note).toBe(null);
  expect((await list(users.ann)).items).toMatchObject([{ reminderId, note: null }]);
  const alone = await create(users.ann, { note: 'milk' });
  expect((await change(alone.reminderId, null)).body.code).toBe('bad_request');
});

test('[RMND-2] a clock of the database that is set back reminds nobody before the time', async () => {
  const { users } = await newRoom(system, 'ann');
  const { reminderId } = await create(users.ann, { note: 'milk' });
  await system.sql`update jobs set run_at = now() where payload ->> 'reminderId' = ${reminderId}`;
  const waits = async () => {
    const [job] = await system.sql<{ ahead: boolean }[]>`
      select run_at > now() + interval '50 minutes' as ahead from jobs where payload ->> 'reminderId' = ${reminderId}`;
    return job?.ahead === true;
  };
  await vi.waitUntil(waits, 60_000);
  expect((await list(users.ann)).items).toMatchObject([{ reminderId, state: 'waiting' }]);
});

test('[RMND-3] the list is by time, and shows the message as it is now, or not any more', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const seqs = [await say(users.ann, cid, 'one'), await say(users.ann, cid, 'two')];
  const at = inAnHour();
  for (const [n, seq] of [...seqs, undefined].entries())
    await create(users.bob, { at: at + n * 1_000, ...(seq === undefined ? { note: 'three' } : { cid, seq }) });
  const path = `${system.api}/v1/conversations/${cid}/messages/${seqs[0]}`;
  await must('PATCH', path, { headers: users.ann.auth, body: { body: { text: 'changed' } } });
  const first = await list(users.bob, '?limit=1');
  expect(first.items).toMatchObject([{ seq: seqs[0], message: { body: { text: 'changed' }, edited: true } }]);
  const rest = await list(users.bob, `?limit=2&cursor=${first.next}`);
  expect(rest.items).toMatchObject([
    { seq: seqs[1], message: { body: { text: 'two' } } },
    { note: 'three', message: null },
  ]);
  expect(rest.next).toBe(null);
  await must('POST', `${system.api}/v1/conversations/${cid}/leave`, { headers: users.bob.auth });
  expect((await list(users.bob)).items.map(({ message }) => message)).toEqual([null, null, null]);
});

test('[RMND-4] every change reaches the other sessions, and what is removed is not due', async () => {
  const { users } = await newRoom(system, 'ann');
  const [phone, laptop] = [
    await system.connect(users.ann, { gateway: 0 }),
    await system.connect(users.ann, { gateway: 1 }),
  ];
  const args = { reminderId: newMid(), at: inAnHour(), note: 'milk' };
  const { data: made } = (await callOf(phone, operations.createReminder, args)) as { data: ReminderState };
  const { reminderId } = args;
  await callOf(phone, operations.updateReminder, { reminderId, note: 'bread' });
  await callOf(phone, operations.removeReminder, { reminderId });
  await laptop.record.until('three events', () => laptop.record.of('event').length === 3);
  const changed = { ...made, note: 'bread' };
  expect(laptop.record.of('event').map(({ data }) => data)).toEqual([made, changed, { ...changed, state: 'removed' }]);
  await phone.settle();
  expect(phone.record.of('event')).toEqual([]);
  expect(await system.sql`select from jobs where payload ->> 'reminderId' = ${reminderId}`).toHaveLength(0);
  const nothing = await ask(users.ann, 'DELETE', `/${reminderId}`);
  expect([nothing.status, nothing.body.code]).toEqual([404, 'not_found']);
});

test('[RMND-1] so many may be', async () => {
  const { tid, users } = await newRoom(system, 'ann');
  await system.sql`
    insert into reminders (user_id, reminder_id, tenant_id, note, remind_at)
    select ${users.ann.userId}, lpad(n::text, 26, '0'), ${tid}, 'x', now() + interval '1 day'
    from generate_series(1, ${LIMITS.remindersPerUser}) n`;
  const more = await ask(users.ann, 'POST', '', { reminderId: newMid(), at: inAnHour(), note: 'x' });
  expect([more.status, more.body.code]).toEqual([413, 'too_large']);
});

/** Messages that are sent on to another conversation (FWD). */
import type { Message } from '@messagecore/protocol';
import { LIMITS } from '@messagecore/protocol';
import { type ForwardedMessages, historyOperations, type HistoryPage } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf, overRest } from '../support/operations.ts';
import { newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const urlOf = (cid: string, rest = '') => `${system.api}/v1/conversations/${cid}/messages${rest}`;

const send = (user: TestUser, cid: string, body: object) =>
  must<{ seq: number; at: number; mid: string }>('POST', urlOf(cid), {
    ...{ headers: user.auth, body: { mid: newMid(), kind: 'text', body } },
  });
const forward = (user: TestUser, args: { cid: string; seqs: number[]; to: string; mids: string[] }) =>
  overRest(system.api, historyOperations.forwardMessages, args, user.auth);
const itemsOf = ({ body }: { readonly body: unknown }) => (body as ForwardedMessages).items;

async function messagesOf(user: TestUser, cid: string): Promise<Message[]> {
  const { items } = await must<HistoryPage>('GET', `${urlOf(cid)}?limit=100`, { headers: user.auth });
  return items.filter(({ kind }) => kind === 'text');
}

/** A room of both, and another one of the second and a third. */
async function twoRooms() {
  const room = await newRoom(system, 'ann', 'bob', 'cyd');
  const { tenant, users } = room;
  const [from, to] = [await tenant.channel(users.ann, users.bob), await tenant.channel(users.bob, users.cyd)];
  return { ...room, from, to };
}

test('[FWD-1] messages arrive as the user’s own, with where they come from, in the order asked', async () => {
  const { users, from, to } = await twoRooms();
  const { ann, bob, cyd } = users;
  const session = await system.connect(cyd, { gateway: 1 });
  await session.join(to);
  const one = await send(ann, from, { text: 'one \0 "\u2028', format: 'markdown' });
  const two = await send(bob, from, { text: 'two' });
  const mids = [newMid(), newMid()];
  const { status, body } = await forward(bob, { cid: from, seqs: [two.seq, one.seq], to, mids });
  expect([status, (body as ForwardedMessages).items.map(({ cid, mid }) => [cid, mid])]).toEqual([
    200,
    mids.map((mid) => [to, mid]),
  ]);
  const expected = [
    { text: 'two', forwarded: { cid: from, seq: two.seq, from: bob.userId, at: two.at } },
    {
      ...{ text: 'one \0 "\u2028', format: 'markdown' },
      forwarded: { cid: from, seq: one.seq, from: ann.userId, at: one.at },
    },
  ];
  const arrived = await messagesOf(cyd, to);
  expect(arrived.map(({ body }) => body)).toEqual(expected);
  expect(arrived.every((message) => message.from === bob.userId)).toBe(true);
  for (const [n, mid] of mids.entries()) await session.record.next('message', { cid: to, mid, body: expected[n]! });
});

test('[FWD-1] a session forwards by a call', async () => {
  const { users, from, to } = await twoRooms();
  const { seq } = await send(users.ann, from, { text: 'one' });
  const bob = await system.connect(users.bob);
  const mid = newMid();
  const answer = await callOf(bob, historyOperations.forwardMessages, { cid: from, seqs: [seq], to, mids: [mid] });
  expect(answer).toMatchObject({ t: 'result', data: { items: [{ cid: to, mid }] } });
});

test('[FWD-1] who wrote it stays what it is when it is forwarded once more', async () => {
  const { users, tenant, from, to } = await twoRooms();
  const { ann, bob, cyd } = users;
  const third = await tenant.channel(cyd);
  const { seq, at } = await send(ann, from, { text: 'one' });
  const [first] = itemsOf(await forward(bob, { cid: from, seqs: [seq], to, mids: [newMid()] }));
  await forward(cyd, { cid: to, seqs: [first!.seq], to: third, mids: [newMid()] });
  expect((await messagesOf(cyd, third)).map(({ body }) => body)).toEqual([
    { text: 'one', forwarded: { cid: to, seq: first!.seq, from: ann.userId, at } },
  ]);
});

test('[FWD-1] no client sets where a message comes from, in a send or in an edit', async () => {
  const { users, from } = await twoRooms();
  const forwarded = { cid: from, seq: 1, from: users.bob.userId, at: 1 };
  const { seq } = await send(users.ann, from, { text: 'mine', forwarded });
  await must('PATCH', urlOf(from, `/${seq}`), { headers: users.ann.auth, body: { body: { text: 'new', forwarded } } });
  expect((await messagesOf(users.bob, from)).map(({ body }) => body)).toEqual([{ text: 'new' }]);
});

test('[FWD-2] none is forwarded when one cannot be', async () => {
  const { users, from, to } = await twoRooms();
  const { ann, bob, cyd } = users;
  const [good, bad] = [await send(ann, from, { text: 'good' }), await send(ann, from, { text: 'bad' })];
  await must('DELETE', urlOf(from, `/${bad.seq}`), { headers: ann.auth });
  const ask = async (user: TestUser, seqs: number[], cid = from, room = to) =>
    (await forward(user, { cid, seqs, to: room, mids: seqs.map(() => newMid()) })).body;
  expect(await ask(bob, [good.seq, bad.seq])).toMatchObject({ code: 'conflict' });
  expect(await ask(bob, [good.seq, 1_000])).toMatchObject({ code: 'not_found' });
  const { items } = await must<HistoryPage>('GET', urlOf(from), { headers: bob.auth });
  const told = items.find(({ kind }) => kind === 'sys');
  if (told !== undefined) expect(await ask(bob, [good.seq, told.seq])).toMatchObject({ code: 'unsupported_kind' });
  expect(await ask(cyd, [good.seq])).toMatchObject({ code: 'not_member' });
  expect(await ask(ann, [good.seq])).toMatchObject({ code: 'not_member' });
  expect(await messagesOf(cyd, to)).toEqual([]);
  const most = LIMITS.forwardedPerCall;
  const tooMany = await ask(
    bob,
    Array.from({ length: most + 1 }, () => good.seq),
  );
  expect(tooMany).toMatchObject({ code: 'bad_request' });
  const mid = newMid();
  const twice = await forward(bob, { cid: from, seqs: [good.seq, good.seq], to, mids: [mid, mid] });
  expect(twice.body).toMatchObject({ code: 'bad_request' });
});

test('[FWD-2] a source before the newcomer’s history is not there', async () => {
  const { users, tenant, from, to } = await twoRooms();
  await must('PATCH', `${system.api}/v1/conversations/${from}`, {
    ...{ headers: users.ann.auth, body: { history: 'since_joining' } },
  });
  const { seq } = await send(users.ann, from, { text: 'secret' });
  const late = await tenant.user('late');
  for (const [cid, { auth }] of [
    [from, users.ann],
    [to, users.bob],
  ] as const)
    await must('POST', `${system.api}/v1/conversations/${cid}/participants`, {
      ...{ headers: auth, body: { users: [late.userId] } },
    });
  const refused = await forward(late, { cid: from, seqs: [seq], to, mids: [newMid()] });
  expect(refused.body).toMatchObject({ code: 'not_found' });
});

test('[FWD-2] of what is refused on the way the same request sends the rest alone', async () => {
  const { users, from, to } = await twoRooms();
  const { ann, bob } = users;
  const seqs = [(await send(ann, from, { text: 'a' })).seq, (await send(ann, from, { text: 'b' })).seq];
  const mids = [newMid(), newMid()];
  await must('PATCH', `${system.api}/v1/conversations/${to}/participants/${users.cyd.userId}`, {
    ...{ headers: bob.auth, body: { role: 'owner' } },
  });
  const slow = (slowSeconds: number) =>
    must('PATCH', `${system.api}/v1/conversations/${to}`, { headers: users.cyd.auth, body: { slowSeconds } });
  await must('PATCH', `${system.api}/v1/conversations/${to}/participants/${bob.userId}`, {
    ...{ headers: users.cyd.auth, body: { role: 'member' } },
  });
  await slow(3_600);
  expect((await forward(bob, { cid: from, seqs, to, mids })).body).toMatchObject({ code: 'rate_limited' });
  await slow(0);
  expect(itemsOf(await forward(bob, { cid: from, seqs, to, mids })).map(({ mid }) => mid)).toEqual(mids);
  expect((await messagesOf(users.cyd, to)).map(({ body }) => (body as { text: string }).text)).toEqual(['a', 'b']);
});

test('[FWD-3] a repeat stores nothing, whatever became of the source, of what arrived, and of the membership', async () => {
  const { users, from, to } = await twoRooms();
  const { ann, bob, cyd } = users;
  const { seq } = await send(ann, from, { text: 'one' });
  const args = { cid: from, seqs: [seq], to, mids: [newMid()] };
  const first = itemsOf(await forward(bob, args));
  const again = async () => expect(itemsOf(await forward(bob, args))).toEqual(first);
  await again();
  await must('PATCH', urlOf(from, `/${seq}`), { headers: ann.auth, body: { body: { text: 'changed' } } });
  await again();
  await must('DELETE', urlOf(from, `/${seq}`), { headers: ann.auth });
  await again();
  await must('DELETE', `${system.api}/v1/conversations/${from}/participants/${bob.userId}`, { headers: ann.auth });
  await again();
  await must('DELETE', urlOf(to, `/${first[0]!.seq}`), { headers: bob.auth });
  await again();
  expect(await messagesOf(cyd, to)).toHaveLength(1);
  const { seq: other } = await send(ann, from, { text: 'two' });
  expect((await forward(bob, { ...args, seqs: [other] })).body).toMatchObject({ code: 'mid_taken' });
});

test('[FWD-3] the same request many times at once, while the source is edited, stores one message', async () => {
  const { users, from, to } = await twoRooms();
  const { ann, bob, cyd } = users;
  for (let round = 0; round < 5; round += 1) {
    const { seq } = await send(ann, from, { text: 'one' });
    const args = { cid: from, seqs: [seq], to, mids: [newMid()] };
    const edit = must('PATCH', urlOf(from, `/${seq}`), { headers: ann.auth, body: { body: { text: 'two' } } });
    const answers = await Promise.all([...Array.from({ length: 6 }, () => forward(bob, args))]);
    await edit;
    const seqs = new Set(answers.map((answer) => itemsOf(answer)[0]!.seq));
    expect(seqs.size).toBe(1);
  }
  expect(await messagesOf(cyd, to)).toHaveLength(5);
});

test('[FWD-4] nobody edits what was forwarded; it is recalled by who forwarded it, and outlives its source', async () => {
  const { users, from, to } = await twoRooms();
  const { ann, bob, cyd } = users;
  const { seq } = await send(ann, from, { text: 'one' });
  const [sent] = itemsOf(await forward(bob, { cid: from, seqs: [seq], to, mids: [newMid()] }));
  const url = urlOf(to, `/${sent!.seq}`);
  const edited = await call('PATCH', url, { headers: bob.auth, body: { body: { text: 'not mine' } } });
  expect(edited.body).toMatchObject({ code: 'forbidden' });
  await must('DELETE', urlOf(from, `/${seq}`), { headers: ann.auth });
  expect((await messagesOf(cyd, to)).map(({ body }) => body)).toMatchObject([{ text: 'one' }]);
  await must('DELETE', url, { headers: bob.auth });
  expect(await messagesOf(cyd, to)).toMatchObject([{ recalled: true, body: {} }]);
});

test('[FWD-5] who receives it learns nothing else of where it comes from', async () => {
  const room: Room<'ann' | 'bob' | 'cyd'> & { from: string; to: string } = await twoRooms();
  const { users, from, to } = room;
  const { seq } = await send(users.ann, from, { text: 'one' });
  await forward(users.bob, { cid: from, seqs: [seq], to, mids: [newMid()] });
  const page = await call('GET', urlOf(to), { headers: users.cyd.auth });
  expect((page.body as HistoryPage).items.at(-1)?.body).toEqual({
    text: 'one',
    forwarded: { cid: from, seq, from: users.ann.userId, at: expect.any(Number) },
  });
  expect((await call('GET', urlOf(from), { headers: users.cyd.auth })).body).toMatchObject({ code: 'not_member' });
});

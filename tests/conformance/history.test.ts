/** Questions to the history: by date, by kind and by sender (HIST-4, HIST-5). */
import type { Message } from '@messagecore/protocol';
import { historyOperations, type HistoryPage, messageOperations, type Page } from '@messagecore/protocol/features';
import { must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf, overRest } from '../support/operations.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const say = (user: TestUser, cid: string) =>
  must<{ seq: number; at: number }>('POST', `${system.api}/v1/conversations/${cid}/messages`, {
    ...{ headers: user.auth, body: { mid: newMid(), kind: 'text', body: { text: 'x' } } },
  });
const seqsOf = ({ items }: { readonly items: readonly Message[] }) => items.map(({ seq }) => seq);

test('[HIST-4] a page of a date begins with the first message of it, over REST and as a call', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const sent = [await say(users.ann, cid), await say(users.bob, cid), await say(users.ann, cid)];
  const [first, , last] = sent;
  const ask = async (at: number) => {
    const args = { cid, at, limit: 10 };
    const { body } = await overRest(system.api, messageOperations.listMessages, args, users.bob.auth);
    const bob = await system.connect(users.bob);
    expect(await callOf(bob, messageOperations.listMessages, args)).toMatchObject({ data: body });
    return body as HistoryPage;
  };
  const expected = (at: number) => sent.filter((message) => message.at >= at).map(({ seq }) => seq);
  for (const { at } of sent) expect(seqsOf(await ask(at))).toEqual(expected(at));
  expect(seqsOf(await ask(last!.at + 1))).toEqual([]);
  const all = await ask(0);
  expect([seqsOf(all).slice(-3), all.more]).toEqual([sent.map(({ seq }) => seq), false]);
  const one = await overRest(
    system.api,
    messageOperations.listMessages,
    { cid, at: first!.at, limit: 1 },
    users.bob.auth,
  );
  expect(one.body).toMatchObject({ items: [{ seq: first!.seq }], more: true });
  const both = await overRest(system.api, messageOperations.listMessages, { cid, at: 1, before: 3 }, users.bob.auth);
  expect(both).toMatchObject({ status: 400, body: { code: 'bad_request' } });
});

test('[HIST-5] messages of one kind, of one sender, of both, by pages, the newest first', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  await must('PATCH', `${system.api}/v1/conversations/${cid}`, { headers: users.ann.auth, body: { name: 'told' } });
  const seqs: number[] = [];
  for (const user of [users.ann, users.bob, users.ann, users.bob, users.ann]) seqs.push((await say(user, cid)).seq);
  const ask = async (query: object) => {
    const args = { cid, limit: 10, ...query };
    const { body } = await overRest(system.api, historyOperations.filterMessages, args, users.bob.auth);
    return body as Page<Message>;
  };
  const ofAnn = [seqs[4], seqs[2], seqs[0]];
  expect(await ask({ sender: users.ann.userId, kind: 'text' })).toMatchObject({ items: ofAnn.map((seq) => ({ seq })) });
  expect(seqsOf(await ask({ sender: users.bob.userId }))).toEqual([seqs[3], seqs[1]]);
  expect(seqsOf(await ask({ sender: users.bob.userId, from: seqs[2], to: seqs[4] }))).toEqual([seqs[3]]);
  const told = await ask({ kind: 'sys' });
  expect(told.items).not.toEqual([]);
  expect(told.items.every(({ kind }) => kind === 'sys')).toBe(true);
  const paged: number[] = [];
  for (let next: string | null | undefined; next !== null;) {
    const page = await ask({ kind: 'text', limit: 2, ...(next !== undefined && { cursor: next }) });
    paged.push(...seqsOf(page));
    next = page.next;
  }
  expect(paged).toEqual(seqs.toReversed());
  const bob = await system.connect(users.bob);
  const args = { cid, sender: users.bob.userId, limit: 10 };
  const answer = await callOf(bob, historyOperations.filterMessages, args);
  expect(answer).toMatchObject({ data: { items: [{ seq: seqs[3] }, { seq: seqs[1] }], next: null } });
});

test('[HIST-5] a kind that no store takes is a wrong argument', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  const args = { cid, kind: '\u0000', limit: 10 };
  const asked = await overRest(system.api, historyOperations.filterMessages, args, users.ann.auth);
  expect(asked).toMatchObject({ status: 400, body: { code: 'bad_request', errors: [{ path: 'kind' }] } });
  for (const kind of ['\u0000', 'x-\ud83d']) {
    const answer = await callOf(ann, historyOperations.filterMessages, { ...args, kind });
    expect(answer).toMatchObject({ code: 'bad_request', msg: expect.stringContaining('kind') });
  }
});

test('[HIST-4] [HIST-5] a newcomer gets nothing from before', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  await must('PATCH', `${system.api}/v1/conversations/${cid}`, {
    ...{ headers: users.ann.auth, body: { history: 'since_joining' } },
  });
  await say(users.ann, cid);
  const late = await tenant.user('late');
  await must('POST', `${system.api}/v1/conversations/${cid}/participants`, {
    ...{ headers: users.ann.auth, body: { users: [late.userId] } },
  });
  const { seq } = await say(users.ann, cid);
  const filtered = await overRest(
    ...([system.api, historyOperations.filterMessages, { cid, kind: 'text' }, late.auth] as const),
  );
  expect(filtered.body).toMatchObject({ items: [{ seq }], next: null });
  const byDate = await overRest(system.api, messageOperations.listMessages, { cid, at: 0 }, late.auth);
  expect(seqsOf(byDate.body as HistoryPage)).toEqual([seq - 1, seq]);
});

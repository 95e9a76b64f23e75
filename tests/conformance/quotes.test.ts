/** What replies quote, as it was then, and what became of it (QUOTE). */
import { historyOperations, type HistoryPage, messageOperations, type Quote } from '@messagecore/protocol/features';
import { must, newMid, type TestUser } from '@messagecore/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf, overRest } from '../support/operations.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const urlOf = (cid: string, rest = '') => `${system.api}/v1/conversations/${cid}/messages${rest}`;

async function say(user: TestUser, cid: string, text: string, replyTo?: number): Promise<number> {
  const body = { mid: newMid(), kind: 'text', body: { text }, ...(replyTo !== undefined && { replyTo }) };
  return (await must<{ seq: number }>('POST', urlOf(cid), { headers: user.auth, body })).seq;
}
const edit = (user: TestUser, cid: string, seq: number, text: string) =>
  must('PATCH', urlOf(cid, `/${seq}`), { headers: user.auth, body: { body: { text } } });
const recall = (user: TestUser, cid: string, seq: number) =>
  must('DELETE', urlOf(cid, `/${seq}`), { headers: user.auth });

async function quoted(user: TestUser, cid: string, seqs: readonly number[]): Promise<Quote[]> {
  const args = { cid, seqs: seqs.join(',') };
  const { body } = await overRest(system.api, historyOperations.listQuotes, args, user.auth);
  return (body as { items: Quote[] }).items;
}

test('[QUOTE-1] [QUOTE-2] a reply quotes what was there when it was sent, whatever becomes of it', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = users;
  const root = await say(ann, cid, 'one');
  const first = await say(bob, cid, 'to one', root);
  await edit(ann, cid, root, 'two');
  const second = await say(bob, cid, 'to two', root);
  await edit(ann, cid, root, 'three');
  const plain = await say(bob, cid, 'to nobody');
  const base = { quoted: root, from: ann.userId, at: expect.any(Number), kind: 'text', recalled: false };
  const expected = [
    { ...base, seq: first, text: 'one', edited: true },
    { ...base, seq: second, text: 'two', edited: true },
  ];
  expect(await quoted(ann, cid, [first, second, plain])).toEqual(expected);
  const third = await say(ann, cid, 'to three', root);
  expect(await quoted(ann, cid, [third])).toEqual([{ ...base, seq: third, text: 'three', edited: false }]);

  const session = await system.connect(bob);
  const answer = await callOf(session, historyOperations.listQuotes, { cid, seqs: [first, second] });
  expect(answer).toMatchObject({ t: 'result', data: { items: expected } });
  const page = await overRest(system.api, messageOperations.listMessages, { cid, quotes: true }, bob.auth);
  expect((page.body as HistoryPage).quotes?.map(({ seq, text }) => [seq, text])).toEqual([
    [first, 'one'],
    [second, 'two'],
    [third, 'three'],
  ]);
  const without = await overRest(system.api, messageOperations.listMessages, { cid }, bob.auth);
  expect(without.body).not.toHaveProperty('quotes');

  await recall(ann, cid, root);
  const after = await quoted(bob, cid, [first, second, third]);
  expect(after.map(({ text, recalled }) => [text, recalled])).toEqual([null, null, null].map((text) => [text, true]));
});

test('[QUOTE-1] the quote of every reply is the text of its moment, for any order of edits and replies', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const { ann } = users;
  const steps = fc.array(fc.constantFrom('edit', 'reply'), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      let text = 'text 0';
      const root = await say(ann, cid, text);
      const expected = new Map<number, string>();
      for (const [n, step] of given.entries()) {
        if (step === 'edit') await edit(ann, cid, root, (text = `text ${n + 1}`));
        else expected.set(await say(ann, cid, 'reply', root), text);
      }
      if (expected.size === 0) return;
      const quotes = await quoted(ann, cid, [...expected.keys()]);
      expect(quotes.map((quote) => [quote.seq, quote.text, quote.edited])).toEqual(
        [...expected].map(([seq, then]) => [seq, then, then !== text]),
      );
    }),
    { numRuns: 8 },
  );
});

test('[QUOTE-1] an edit and a reply at the same time: the quote is what the head at the edit says', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  for (let round = 0; round < 10; round += 1) {
    const root = await say(users.ann, cid, 'before');
    const [reply] = await Promise.all([say(users.bob, cid, 'reply', root), edit(users.ann, cid, root, 'after')]);
    const [row] = await system.sql<{ head: number }[]>`
      select head::int as head from message_edits where conversation_id = ${cid} and seq = ${root}`;
    const wasEditedFirst = row!.head < reply;
    expect(await quoted(users.bob, cid, [reply])).toMatchObject([
      { text: wasEditedFirst ? 'after' : 'before', edited: !wasEditedFirst },
    ]);
  }
});

test('[QUOTE-1] an excerpt has 200 code points, and a very long body none', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const long = await say(users.ann, cid, '👍'.repeat(300));
  const longer = await say(users.ann, cid, 'x'.repeat(16_000));
  const strange = await say(users.ann, cid, '\0 "\u2028');
  const longest = await say(users.ann, cid, '語'.repeat(16_000));
  const replies: number[] = [];
  for (const seq of [long, longer, strange, longest]) replies.push(await say(users.ann, cid, 'reply', seq));
  expect((await quoted(users.ann, cid, replies)).map(({ text }) => text)).toEqual([
    ...['👍'.repeat(200), 'x'.repeat(200), '\0 "\u2028', null],
  ]);
});

test('[QUOTE-2] what lies before a newcomer’s history is not quoted', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  await must('PATCH', `${system.api}/v1/conversations/${cid}`, {
    ...{ headers: users.ann.auth, body: { history: 'since_joining' } },
  });
  const hidden = await say(users.ann, cid, 'secret');
  const late = await tenant.user('late');
  await must('POST', `${system.api}/v1/conversations/${cid}/participants`, {
    ...{ headers: users.ann.auth, body: { users: [late.userId] } },
  });
  const reply = await say(users.ann, cid, 'reply', hidden);
  expect(await quoted(users.ann, cid, [reply])).toHaveLength(1);
  expect(await quoted(late, cid, [reply])).toEqual([]);
  const refused = await overRest(system.api, historyOperations.listQuotes, { cid, seqs: `${hidden}` }, late.auth);
  expect(refused).toMatchObject({ status: 404, body: { code: 'not_found' } });
});

test('[QUOTE-3] of a message that was edited very often the first text is kept', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const root = await say(users.ann, cid, 'text 0');
  const early = await say(users.ann, cid, 'reply', root);
  for (let n = 1; n <= 40; n += 1) await edit(users.ann, cid, root, `text ${n}`);
  const late = await say(users.ann, cid, 'reply', root);
  expect((await quoted(users.ann, cid, [early, late])).map(({ text }) => text)).toEqual(['text 0', 'text 40']);
});

test('[HIST-6] a page has the threads of its messages', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const roots = [await say(users.ann, cid, 'a'), await say(users.ann, cid, 'b'), await say(users.ann, cid, 'c')];
  const reply = (user: TestUser, threadRoot: number) =>
    must<{ seq: number; at: number }>('POST', urlOf(cid), {
      ...{ headers: user.auth, body: { mid: newMid(), kind: 'text', body: { text: 'x' }, threadRoot } },
    });
  await reply(users.ann, roots[0]!);
  const last = await reply(users.bob, roots[0]!);
  const only = await reply(users.bob, roots[2]!);
  const ask = async (query: object) =>
    (await overRest(system.api, messageOperations.listMessages, { cid, ...query }, users.ann.auth)).body as HistoryPage;
  expect((await ask({ threads: true })).threads).toEqual([
    { seq: roots[0], replies: 2, members: 2, lastSeq: last.seq, lastAt: last.at },
    { seq: roots[2], replies: 1, members: 1, lastSeq: only.seq, lastAt: only.at },
  ]);
  expect((await ask({ threads: true, after: roots[0], limit: 1 })).threads).toEqual([]);
  expect(await ask({})).not.toHaveProperty('threads');
});

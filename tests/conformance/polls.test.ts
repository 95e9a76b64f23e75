/** Polls (MSG-9). */
import type { DownFrameOf } from '@messagecore/protocol';
import { type OwnVote, type Page, pollOperations as operations, type PollVote } from '@messagecore/protocol/features';
import { call, must, newMid, type RawClient, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf } from '../support/operations.ts';
import { joinAll, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const OPTIONS = ['mon', 'tue', 'wed'].map((id) => ({ id, text: id }));

async function ask(user: TestUser, cid: string, more: object = {}): Promise<number> {
  const body = { mid: newMid(), kind: 'poll', body: { question: 'When?', options: OPTIONS, ...more } };
  const url = `${system.api}/v1/conversations/${cid}/messages`;
  return (await must<{ seq: number }>('POST', url, { headers: user.auth, body })).seq;
}

type Answer = Partial<DownFrameOf<'message'>> & Partial<Page<PollVote>> & Partial<OwnVote> & { readonly code?: string };

const at = (user: TestUser, method: string, cid: string, seq: number, path: string, body?: object) =>
  call<Answer>(method, `${system.api}/v1/conversations/${cid}/messages/${seq}/${path}`, {
    headers: user.auth,
    ...(body !== undefined && { body }),
  });
const vote = (user: TestUser, cid: string, seq: number, ...options: string[]) =>
  at(user, 'PUT', cid, seq, 'vote', { options });

test('[POLL-1] [POLL-2] a vote reaches everybody as an update, replaces the one before, and is replayed', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await ask(users.ann, cid);
  expect((await ann.record.next('message', { cid, seq })).poll).toBeUndefined();
  await callOf(bob, operations.vote, { cid, seq, options: ['tue'] });
  await ann.record.next('update', { cid, seq, rev: 1 });
  expect((await vote(users.ann, cid, seq, 'tue')).body).toMatchObject({ rev: 2 });
  expect((await vote(users.ann, cid, seq, 'tue')).body).toMatchObject({ rev: 2 });
  const moved = await vote(users.bob, cid, seq, 'mon');
  expect(moved.body).toMatchObject({ rev: 3, poll: { counts: { mon: 1, tue: 1 }, voters: 2 } });
  expect(await bob.record.next('update', { cid, seq, rev: 3 })).toEqual({ ...moved.body, t: 'update' });

  const late = await system.connect(users.bob, { gateway: 1 });
  await late.join(cid, { since: seq, rev: 0 });
  expect(await late.record.next('update', { cid, seq })).toMatchObject({ rev: 3, poll: { voters: 2 } });

  await vote(users.ann, cid, seq);
  expect((await vote(users.bob, cid, seq)).body).toMatchObject({ rev: 5 });
  expect((await ann.record.next('update', { cid, seq, rev: 5 })).poll).toBeUndefined();
  for (const wrong of [['mon', 'tue'], ['sun']])
    expect((await vote(users.ann, cid, seq, ...wrong)).body).toMatchObject({ code: 'bad_request' });
  const outsider = await room.tenant.user('eve');
  expect((await vote(outsider, cid, seq, 'mon')).body).toMatchObject({ code: 'not_member' });
});

test('[POLL-3] a poll closes at its time and by hand', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const over = await ask(users.bob, cid, { closesAt: 1 });
  expect((await vote(users.ann, cid, over, 'mon')).body).toMatchObject({ code: 'conflict' });
  const seq = await ask(users.bob, cid, { closesAt: Date.now() + 3_600_000 });
  await vote(users.ann, cid, seq, 'mon');
  expect((await at(users.cy, 'PUT', cid, seq, 'closed')).body).toMatchObject({ code: 'forbidden' });
  const closed = await at(users.bob, 'PUT', cid, seq, 'closed');
  expect(closed.body).toMatchObject({ poll: { counts: { mon: 1 }, voters: 1, closed: true } });
  expect((await at(users.ann, 'PUT', cid, seq, 'closed')).body).toEqual(closed.body);
  expect((await vote(users.cy, cid, seq, 'mon')).body).toMatchObject({ code: 'conflict' });
  expect((await vote(users.ann, cid, seq, 'mon')).body).toEqual(closed.body);
});

test('[POLL-4] who has voted is listed by pages, of an anonymous poll to nobody', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob', 'cy');
  const seq = await ask(users.ann, cid, { multiple: true });
  const secret = await ask(users.ann, cid, { anonymous: true });
  for (const user of Object.values(users)) {
    await vote(user, cid, seq, 'mon', 'wed');
    await vote(user, cid, secret, 'tue');
  }
  const votes: string[] = [];
  for (let cursor: string | null | undefined = ''; typeof cursor === 'string';) {
    const page = await at(users.bob, 'GET', cid, seq, `votes?limit=2${cursor && `&cursor=${cursor}`}`);
    votes.push(...page.body.items!.map(({ user, option }) => `${user.userId} ${option}`));
    cursor = page.body.next;
  }
  const expected = Object.values(users).flatMap(({ userId }) => [`${userId} mon`, `${userId} wed`]);
  expect(votes).toEqual(expected);
  const wed = await at(users.bob, 'GET', cid, seq, 'votes?option=wed');
  expect(wed.body.items!.map(({ user }) => user.userId)).toEqual(Object.values(users).map(({ userId }) => userId));
  expect((await at(users.bob, 'GET', cid, secret, 'vote')).body).toEqual({ options: ['tue'] });
  for (const headers of [users.ann.auth, tenant.backEnd]) {
    const url = `${system.api}/v1/conversations/${cid}/messages/${secret}/votes`;
    expect((await call<Answer>('GET', url, { headers })).body).toMatchObject({ code: 'forbidden' });
  }
});

test('[POLL-4] [FRM-9] the voters of a poll with NUL or half a surrogate pair in its question are listed', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const question = 'When\u0000 or \ud83d?';
  const seq = await ask(users.ann, cid, { question });
  const secret = await ask(users.ann, cid, { question, anonymous: true });
  await vote(users.bob, cid, seq, 'mon');
  const votes = (await at(users.ann, 'GET', cid, seq, 'votes')).body;
  expect(votes.items!.map(({ user, option }) => [user.userId, option])).toEqual([[users.bob.userId, 'mon']]);
  expect((await at(users.ann, 'GET', cid, secret, 'votes')).body).toMatchObject({ code: 'forbidden' });
});

test('[POLL-5] a poll with votes is not edited, and loses them when it is recalled', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const seq = await ask(users.ann, cid);
  const url = `${system.api}/v1/conversations/${cid}/messages/${seq}`;
  const edit = (question: string) =>
    call<Answer>('PATCH', url, { headers: users.ann.auth, body: { body: { question, options: OPTIONS } } });
  expect((await edit('Where?')).body).toMatchObject({ edited: true });
  await vote(users.bob, cid, seq, 'mon');
  expect((await edit('Who?')).body).toMatchObject({ code: 'conflict' });
  const recalled = await must<Answer>('DELETE', url, { headers: users.ann.auth });
  expect(recalled.poll).toBeUndefined();
  expect((await at(users.bob, 'GET', cid, seq, 'votes')).body.items).toEqual([]);
  expect((await vote(users.bob, cid, seq, 'mon')).body).toMatchObject({ code: 'conflict' });
});

test('[POLL-2] 50 users who vote at once, over two gateways, are counted once each', async () => {
  const room = await newRoom(system, 'ann');
  const { cid, tenant } = room;
  const { ann } = room.users;
  // By tens: what is meant to come at once are the votes.
  const sessions = Object.values<RawClient>(await joinAll(system, room));
  for (const tens of range(0, 4)) {
    const some = await tenant.users(...range(1, 10).map((n) => `voter${tens * 10 + n}`));
    const body = { users: some.map(({ userId }) => userId) };
    await must('POST', `${system.api}/v1/conversations/${cid}/participants`, { headers: ann.auth, body });
    const users = Object.fromEntries(some.map((user) => [user.name, user]));
    sessions.push(...Object.values<RawClient>(await joinAll(system, { ...room, users })));
  }
  const seq = await ask(ann, cid, { multiple: true });
  const rounds = [['mon'], ['tue', 'wed'], [], ['wed']];
  await Promise.all(
    sessions.slice(1).map(async (session, n) => {
      for (const step of range(0, 3)) {
        await callOf(session, operations.vote, { cid, seq, options: rounds[(n + step) % rounds.length]! });
      }
    }),
  );
  const rows = await system.sql<{ option: string; count: number }[]>`
    select option, count(*)::int as count from poll_votes where conversation_id = ${cid} group by option`;
  const [message] = await system.sql<{ poll: unknown; rev: number; head: number }[]>`
    select m.poll, m.rev::int as rev, c.last_rev::int as head from messages m join conversations c using (conversation_id)
    where conversation_id = ${cid} and m.seq = ${seq}`;
  const [voters] = await system.sql<{ count: number }[]>`
    select count(distinct user_id)::int as count from poll_votes where conversation_id = ${cid}`;
  expect(message!.poll).toEqual({
    counts: Object.fromEntries(rows.map(({ option, count }) => [option, count])),
    voters: voters!.count,
  });
  const { head, rev } = message!;
  expect(rev).toBe(head);
  for (const { record } of sessions) {
    await record.until('the last update', () => record.of('update', { cid, rev: head }).length === 1, 60_000);
    expect(record.of('update', { cid }).map(({ rev }) => rev)).toEqual(range(1, head));
    expect(record.of('update', { cid, rev: head })[0]!.poll).toEqual(message!.poll);
  }
});

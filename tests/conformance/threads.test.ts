/** Threads: what is known of the replies to a message (THRD). */
import { LIMITS } from '@messagecore/protocol';
import type { Page, Thread, ThreadPage, ThreadState } from '@messagecore/protocol/features';
import { threadOperations as operations } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf } from '../support/operations.ts';
import { newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

async function say(user: TestUser, cid: string, threadRoot?: number): Promise<number> {
  const body = { mid: newMid(), kind: 'text', body: { text: 'x' }, ...(threadRoot !== undefined && { threadRoot }) };
  const url = `${system.api}/v1/conversations/${cid}/messages`;
  return (await must<{ seq: number }>('POST', url, { headers: user.auth, body })).seq;
}

const urlOf = (cid: string, rest = '') => `${system.api}/v1/conversations/${cid}/threads${rest}`;
const get = (user: TestUser, cid: string, seq: number) =>
  must<Thread>('GET', urlOf(cid, `/${seq}`), { headers: user.auth });
const list = (user: TestUser, cid: string, query = '') =>
  must<Page<Thread>>('GET', urlOf(cid, query), { headers: user.auth });
const mine = (user: TestUser, query = '') =>
  must<Page<Thread>>('GET', `${system.api}/v1/threads${query}`, { headers: user.auth });
const replies = (user: TestUser, cid: string, seq: number, query = '') =>
  must<ThreadPage>('GET', urlOf(cid, `/${seq}/messages${query}`), { headers: user.auth });
const follow = (user: TestUser, cid: string, seq: number, method: 'PUT' | 'DELETE' = 'PUT') =>
  must<ThreadState>(method, urlOf(cid, `/${seq}/follow`), { headers: user.auth });
const read = (user: TestUser, cid: string, seq: number, pos: number) =>
  must<ThreadState>('PUT', urlOf(cid, `/${seq}/read`), { headers: user.auth, body: { pos } });

test('[THRD-1] [THRD-2] a thread counts its replies and who replied, and has the last one; recalled ones count', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cyd');
  const root = await say(users.ann, cid);
  expect(await get(users.bob, cid, root)).toEqual({
    ...{ cid, seq: root, replies: 0, members: 0, latest: [], lastSeq: null, lastAt: null },
    ...{ following: false, readUpTo: 0, unread: 0 },
  });
  for (const user of [users.bob, users.cyd, users.bob]) await say(user, cid, root);
  await say(users.cyd, cid);
  const last = await say(users.bob, cid, root);
  const thread = await get(users.ann, cid, root);
  expect(thread).toMatchObject({ replies: 4, members: 2, lastSeq: last, lastAt: expect.any(Number) });
  expect(thread.latest.map(({ userId }) => userId)).toEqual([users.bob.userId, users.cyd.userId]);
  await must('DELETE', `${system.api}/v1/conversations/${cid}/messages/${last}`, { headers: users.bob.auth });
  expect(await get(users.ann, cid, root)).toMatchObject({ replies: 4, unread: 3 });
  const page = await replies(users.ann, cid, root);
  expect(page.items.map(({ threadRoot }) => threadRoot)).toEqual([root, root, root, root]);
});

test('[THRD-1] replies of many at once over both gateways are counted, each once', async () => {
  const names = range(1, 8).map((n) => `user${n}`) as [string, ...string[]];
  const { cid, users } = await newRoom(system, ...names);
  const roots = [await say(users['user1']!, cid), await say(users['user2']!, cid)];
  const sessions = await Promise.all(names.map((name, n) => system.connect(users[name]!, { gateway: n % 2 })));
  const sent = sessions.flatMap((session, n) =>
    range(1, 30).map((k) => session.sayAndWait(cid, 'x', { threadRoot: roots[(n + k) % 2]! })),
  );
  await Promise.all(sent);
  const rows = await system.sql<{ root: number; replies: number; members: number; last: number }[]>`
    select thread_root::int as root, count(*)::int as replies, count(distinct sender_id)::int as members,
      max(seq)::int as last
    from messages where conversation_id = ${cid} and thread_root is not null group by 1 order by 1 desc`;
  const { items } = await list(users['user1']!, cid);
  expect(items.map(({ seq, replies: count, members, lastSeq }) => [seq, count, members, lastSeq])).toEqual(
    rows.map(({ root, replies: count, members, last }) => [root, count, members, last]),
  );
  expect(items.reduce((sum, { replies: count }) => sum + count, 0)).toBe(240);
});

test('[THRD-1] a repeat counts once, and what is refused not at all', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const root = await say(users.ann, cid);
  const url = `${system.api}/v1/conversations/${cid}/messages`;
  const body = { mid: newMid(), kind: 'text', body: { text: 'x' }, threadRoot: root };
  for (const _ of range(1, 3)) await must('POST', url, { headers: users.bob.auth, body });
  const wrong = { ...body, mid: newMid(), threadRoot: root + 100 };
  expect((await call('POST', url, { headers: users.bob.auth, body: wrong })).status).toBe(400);
  expect(await get(users.ann, cid, root)).toMatchObject({ replies: 1, members: 1 });
  expect((await list(users.ann, cid)).items).toHaveLength(1);
});

test('[THRD-2] threads by pages, and those of the roots of a page of history', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const roots: number[] = [];
  for (const _ of range(1, 5)) roots.push(await say(users.ann, cid));
  for (const root of roots) await say(users.ann, cid, root);
  const seqs = ({ items }: Page<Thread>) => items.map(({ seq }) => seq);
  const first = await list(users.ann, cid, '?limit=3');
  const second = await list(users.ann, cid, `?limit=3&cursor=${first.next}`);
  expect([...seqs(first), ...seqs(second)]).toEqual(roots.toReversed());
  expect(second.next).toBe(null);
  expect(seqs(await list(users.ann, cid, `?from=${roots[1]}&to=${roots[3]}`))).toEqual(roots.slice(1, 4).toReversed());
});

test('[THRD-2] replies by pages, in both directions', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const root = await say(users.ann, cid);
  const all: number[] = [];
  for (const n of range(1, 14))
    if (n % 2 === 0) all.push(await say(users.ann, cid, root));
    else await say(users.ann, cid);
  const seqs = ({ items, more }: ThreadPage) => [items.map(({ seq }) => seq), more];
  expect(seqs(await replies(users.ann, cid, root, '?limit=3'))).toEqual([all.slice(4), true]);
  expect(seqs(await replies(users.ann, cid, root, `?limit=10&before=${all[4]}`))).toEqual([all.slice(0, 4), false]);
  expect(seqs(await replies(users.ann, cid, root, '?limit=3&after=0'))).toEqual([all.slice(0, 3), true]);
  expect(seqs(await replies(users.ann, cid, root, `?limit=4&after=${all[2]}`))).toEqual([all.slice(3), false]);
});

test('[THRD-2] a newcomer sees nothing of threads that began before', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  await must('PATCH', `${system.api}/v1/conversations/${cid}`, {
    ...{ headers: users.ann.auth, body: { history: 'since_joining' } },
  });
  const root = await say(users.ann, cid);
  const late = await tenant.user('late');
  await must('POST', `${system.api}/v1/conversations/${cid}/participants`, {
    ...{ headers: users.ann.auth, body: { users: [late.userId] } },
  });
  await say(users.ann, cid, root);
  expect((await call('GET', urlOf(cid, `/${root}`), { headers: late.auth })).status).toBe(404);
  expect((await call('GET', urlOf(cid, `/${root}/messages`), { headers: late.auth })).status).toBe(404);
  expect((await call('PUT', urlOf(cid, `/${root}/follow`), { headers: late.auth })).status).toBe(404);
  expect((await list(late, cid)).items).toEqual([]);
});

test('[THRD-3] [THRD-4] who replies follows, and who wrote the root; unread are the replies of others', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cyd');
  const root = await say(users.ann, cid);
  const first = await say(users.bob, cid, root);
  expect(await get(users.ann, cid, root)).toMatchObject({ following: true, readUpTo: root, unread: 1 });
  expect(await get(users.bob, cid, root)).toMatchObject({ following: true, readUpTo: first, unread: 0 });
  expect(await get(users.cyd, cid, root)).toMatchObject({ following: false, unread: 0 });

  expect(await follow(users.cyd, cid, root)).toEqual({ cid, seq: root, following: true, readUpTo: first });
  const second = await say(users.ann, cid, root);
  expect(await get(users.cyd, cid, root)).toMatchObject({ unread: 1 });
  expect(await get(users.bob, cid, root)).toMatchObject({ unread: 1 });
  expect(await get(users.ann, cid, root)).toMatchObject({ readUpTo: second, unread: 0 });

  expect(await read(users.bob, cid, root, second + 50)).toMatchObject({ readUpTo: second });
  expect(await read(users.bob, cid, root, first)).toMatchObject({ readUpTo: second });
  expect(await get(users.bob, cid, root)).toMatchObject({ unread: 0 });

  expect(await follow(users.bob, cid, root, 'DELETE')).toMatchObject({ following: false });
  await say(users.ann, cid, root);
  expect(await get(users.bob, cid, root)).toMatchObject({ following: false, unread: 0 });
  await say(users.bob, cid, root);
  expect(await get(users.bob, cid, root)).toMatchObject({ following: true, unread: 0 });
});

test('[THRD-4] unread replies are counted up to a bound', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const root = await say(users.ann, cid);
  const bob = await system.connect(users.bob);
  await Promise.all(range(1, LIMITS.threadUnread + 5).map(() => bob.sayAndWait(cid, 'x', { threadRoot: root })));
  expect(await get(users.ann, cid, root)).toMatchObject({ unread: 100, replies: 105 });
});

test('[THRD-5] one’s own threads of all conversations, the latest replies first, while one takes part', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const other = await tenant.channel(users.ann, users.bob);
  const [a, b, c] = [await say(users.ann, cid), await say(users.ann, other), await say(users.bob, cid)];
  await say(users.bob, cid, a);
  await say(users.bob, other, b);
  await say(users.bob, cid, c);
  const last = await say(users.bob, cid, a);
  await follow(users.ann, cid, await say(users.bob, cid));
  const seen = ({ items }: Page<Thread>) => items.map((thread) => [thread.cid, thread.seq, thread.unread]);
  expect(seen(await mine(users.ann))).toEqual([
    [cid, a, 2],
    [other, b, 1],
  ]);
  const first = await mine(users.ann, '?limit=1');
  expect(seen(await mine(users.ann, `?limit=1&cursor=${first.next}`))).toEqual([[other, b, 1]]);
  await read(users.ann, cid, a, last);
  expect(seen(await mine(users.ann, '?unread=true'))).toEqual([[other, b, 1]]);
  await must('POST', `${system.api}/v1/conversations/${other}/leave`, { headers: users.ann.auth });
  expect(seen(await mine(users.ann))).toEqual([[cid, a, 0]]);
});

test('[THRD-6] a change reaches the user’s other sessions, and what changes nothing does not', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const root = await say(users.bob, cid);
  const reply = await say(users.bob, cid, root);
  const [here, there] = [await system.connect(users.ann), await system.connect(users.ann, { gateway: 1 })];
  await callOf(here, operations.followThread, { cid, seq: root });
  await callOf(here, operations.readThread, { cid, seq: root, pos: reply });
  await callOf(here, operations.unfollowThread, { cid, seq: root });
  await there.record.until('both events', () => there.record.of('event').length === 2);
  expect(there.record.of('event')).toMatchObject([
    { event: 'conversation.thread', cid, data: { cid, seq: root, following: true, readUpTo: reply } },
    { event: 'conversation.thread', cid, data: { cid, seq: root, following: false, readUpTo: reply } },
  ]);
  await here.settle();
  expect(here.record.of('event')).toEqual([]);
});

test('[THRD-2] strangers see nothing of threads', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  const root = await say(users.ann, cid);
  await say(users.ann, cid, root);
  const { auth: headers } = await tenant.user('stranger');
  for (const path of ['', `/${root}`, `/${root}/messages`]) {
    expect(await call('GET', urlOf(cid, path), { headers })).toMatchObject({
      status: 403,
      body: { code: 'not_member' },
    });
  }
  for (const path of [`/${root}/follow`, `/${root}/read`]) {
    const answer = await call('PUT', urlOf(cid, path), { headers, body: { pos: 1 } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'not_member' } });
  }
});

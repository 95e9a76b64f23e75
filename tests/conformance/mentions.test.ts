/** Mentions: who is meant, where it is told, and how many are unread (MEN). */
import { LIMITS } from '@messagecore/protocol';
import type { Conversation, Mention, Page } from '@messagecore/protocol/features';
import { mentionOperations as operations } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf } from '../support/operations.ts';
import { fill, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const LONG = { timeoutMs: 60_000 };

const urlOf = (cid: string, rest = '') => `${system.api}/v1/conversations/${cid}${rest}`;

async function say(user: TestUser, cid: string, text: string, more: object = {}): Promise<number> {
  const body = { mid: newMid(), kind: 'text', body: { text, ...more } };
  return (await must<{ seq: number }>('POST', urlOf(cid, '/messages'), { headers: user.auth, body })).seq;
}

const nameAs = ({ auth }: TestUser, displayName: string) =>
  must('PATCH', `${system.api}/v1/users/me`, { headers: auth, body: { displayName } });
const list = (user: TestUser, query = '') =>
  must<Page<Mention>>('GET', `${system.api}/v1/mentions${query}`, { headers: user.auth });
const mine = async (user: TestUser, query = '') =>
  (await list(user, query)).items.map(({ scope, unread, message: { seq } }) => [seq, scope, unread]);
const get = (user: TestUser, cid: string) => must<Conversation>('GET', urlOf(cid), { headers: user.auth });
const countOf = async (user: TestUser, cid: string) => (await get(user, cid)).mentions;
const read = (user: TestUser, cid: string, pos: number) =>
  must('PUT', urlOf(cid, '/read'), { headers: user.auth, body: { pos } });
async function mentionsOf(user: TestUser, cid: string, seq: number) {
  const page = await must<{ items: { mentions?: object }[] }>('GET', urlOf(cid, `/messages?around=${seq}&limit=1`), {
    headers: user.auth,
  });
  return page.items[0]?.mentions;
}

test('[MEN-1] [MEN-2] [MEN-4] names and ids of participants, in live frames at both gateways, in replays and pages', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  await nameAs(users.bob, '王伟');
  await nameAs(users.cy, 'Cy Lee');
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(users.ann, { gateway })));
  for (const session of sessions) await session.join(cid);
  const told: [string, string[]][] = [
    ['你好@王伟，在吗', [users.bob.userId]],
    ['@cy lee and @王伟', [users.bob.userId, users.cy.userId].toSorted()],
    [`<@${users.cy.userId}>!`, [users.cy.userId]],
  ];
  for (const [text, named] of told) {
    const seq = await sessions[0]!.sayAndWait(cid, text);
    for (const { record } of sessions) {
      const { mentions } = await record.next('message', { cid, seq }, LONG);
      expect(mentions?.users.toSorted()).toEqual(named);
    }
    const late = await system.connect(users.bob, { gateway: 1 });
    await late.join(cid, { since: seq - 1 });
    expect((await late.record.next('message', { cid, seq }, LONG)).mentions?.users.toSorted()).toEqual(named);
    expect(await mentionsOf(users.cy, cid, seq)).toEqual({ users: expect.arrayContaining(named) });
  }
  const none = await say(users.ann, cid, '@cy and @王, ann@王伟');
  expect(await mentionsOf(users.ann, cid, none)).toBeUndefined();
});

test('[MEN-2] all who bear a name are meant', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy', 'dee');
  for (const user of [users.bob, users.cy]) await nameAs(user, 'Sam');
  await nameAs(users.dee, 'Sam Lee');
  const seq = await say(users.ann, cid, '@SAM, come');
  for (const user of [users.bob, users.cy]) expect(await mine(user)).toEqual([[seq, 'user', true]]);
  expect(await mine(users.dee)).toEqual([]);
});

test('[MEN-3] who takes no part is not mentioned, by name or id, nor are senders', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const stranger = await tenant.user('stranger');
  const other = (await newRoom(system, 'eve')).users.eve;
  const text = `@stranger <@${stranger.userId}> <@${other.userId}> @ann <@${users.ann.userId}>`;
  const seq = await say(users.ann, cid, text);
  expect(await mentionsOf(users.bob, cid, seq)).toBeUndefined();
  await must('POST', urlOf(cid, '/participants'), { headers: users.ann.auth, body: { users: [stranger.userId] } });
  for (const user of [users.ann, stranger, other]) expect(await mine(user)).toEqual([]);
  expect(await system.sql`select from mentions where conversation_id = ${cid}`).toHaveLength(0);
});

test('[MEN-3] at most so many users of one message', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  const twins = await tenant.users(...range(1, LIMITS.mentionsPerMessage + 10).map((n) => `twin${n}`));
  for (const twin of twins) await nameAs(twin, 'Twin');
  const body = { users: twins.map(({ userId }) => userId) };
  await must('POST', urlOf(cid, '/participants'), { headers: users.ann.auth, body });
  const seq = await say(users.ann, cid, '@twin');
  const mentions = (await mentionsOf(users.ann, cid, seq)) as { users: string[] };
  expect(mentions.users).toHaveLength(LIMITS.mentionsPerMessage);
});

test('[MEN-5] everybody is mentioned by whom the room lets, and it is text of others', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const refused = await say(users.bob, cid, '@all @here');
  expect(await mentionsOf(users.ann, cid, refused)).toBeUndefined();
  const all = await say(users.ann, cid, 'now @all');
  const here = await say(users.ann, cid, 'now @here');
  const both = await say(users.ann, cid, `@all <@${users.bob.userId}>`);
  expect(await mentionsOf(users.bob, cid, all)).toEqual({ users: [], all: true });
  expect(await mentionsOf(users.bob, cid, here)).toEqual({ users: [], here: true });
  expect(await mine(users.bob)).toEqual([
    [both, 'user', true],
    [all, 'all', true],
  ]);
  expect(await countOf(users.bob, cid)).toBe(2);
  expect([await mine(users.ann), await countOf(users.ann, cid)]).toEqual([[], 0]);
  const rows = await system.sql`select from mentions where conversation_id = ${cid} and seq = ${all}`;
  expect(rows).toHaveLength(1);
});

test('[MEN-4] [MEN-6] an edit settles mentions anew, and a recall ends them', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const session = await system.connect(users.cy, { gateway: 1 });
  await session.join(cid);
  const seq = await say(users.ann, cid, '@bob');
  await read(users.cy, cid, seq);
  const url = urlOf(cid, `/messages/${seq}`);
  await must('PATCH', url, { headers: users.ann.auth, body: { body: { text: '@cy and @all' } } });
  const update = await session.record.next('update', { cid, seq }, LONG);
  expect(update.mentions).toEqual({ users: [users.cy.userId], all: true });
  expect([await mine(users.bob), await mine(users.cy)]).toEqual([[[seq, 'all', true]], [[seq, 'user', false]]]);
  expect(await countOf(users.cy, cid)).toBe(0);
  await must('PUT', `${url}/reactions/${encodeURIComponent('👍')}`, { headers: users.bob.auth });
  expect((await session.record.next('update', { cid, seq, rev: 2 }, LONG)).mentions).toEqual(update.mentions);
  await must('PATCH', url, { headers: users.ann.auth, body: { body: { text: 'nobody' } } });
  expect((await session.record.next('update', { cid, seq, rev: 3 }, LONG)).mentions).toBeUndefined();
  await must('PATCH', url, { headers: users.ann.auth, body: { body: { text: '@bob' } } });
  expect(await countOf(users.bob, cid)).toBe(1);
  await must('DELETE', url, { headers: users.ann.auth });
  expect((await session.record.next('update', { cid, seq, recalled: true }, LONG)).mentions).toBeUndefined();
  expect([await mine(users.bob), await countOf(users.bob, cid)]).toEqual([[], 0]);
});

test('[MEN-6] unread mentions in lists and `inbox` frames, until they are read', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const [bob, cy] = await Promise.all(
    [users.bob, users.cy].map((user, gateway) => system.connect(user, { gateway, inbox: true })),
  );
  const first = await say(users.ann, cid, '@bob one');
  expect(await bob!.record.next('inbox', { cid, head: first }, LONG)).toMatchObject({ unread: 1, mentions: 1 });
  expect(await cy!.record.next('inbox', { cid, head: first }, LONG)).not.toHaveProperty('mentions');
  const head = await say(users.ann, cid, 'nobody');
  expect(await bob!.record.next('inbox', { cid, head }, LONG)).toMatchObject({ unread: 2, mentions: 1 });
  const { items } = await must<Page<Conversation>>('GET', `${system.api}/v1/conversations`, {
    headers: users.bob.auth,
  });
  expect(items.map(({ unread, mentions }) => [unread, mentions])).toEqual([[2, 1]]);
  await read(users.bob, cid, first);
  expect(await get(users.bob, cid)).toMatchObject({ unread: 1, mentions: 0 });
  expect(await mine(users.bob, '?unread=true')).toEqual([]);
  expect(await mine(users.bob)).toEqual([[first, 'user', false]]);
});

test('[MEN-8] of what a client is to notify changes no count', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const url = `${system.api}/v1/conversations/${cid}/settings`;
  const bob = await system.connect(users.bob, { inbox: true });
  for (const [n, level] of (['mentions', 'none', 'all'] as const).entries()) {
    await must('PATCH', url, { headers: users.bob.auth, body: { level } });
    const head = await say(users.ann, cid, `@bob ${n}`);
    expect(await bob.record.next('inbox', { cid, head }, LONG)).toMatchObject({ unread: n + 1, mentions: n + 1 });
    expect(await get(users.bob, cid)).toMatchObject({ unread: n + 1, mentions: n + 1, settings: { level } });
  }
});

test('[MEN-6] far behind the head mentions count all the same', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const bob = await system.connect(users.bob, { gateway: 1, inbox: true });
  const ann = await system.connect(users.ann);
  await ann.sayAndWait(cid, '@bob');
  const head = await fill(ann, cid, 250);
  expect(await bob.record.next('inbox', { cid, head }, LONG)).toMatchObject({ mentions: 1 });
  expect(await countOf(users.bob, cid)).toBe(1);
});

test('[MEN-6] of many at once over both gateways each counts once, as the table says', async () => {
  const names = range(1, 20).map((n) => `user${n}`) as [string, ...string[]];
  const { cid, users } = await newRoom(system, 'boss', ...names);
  const sessions = await Promise.all(names.map((name, n) => system.connect(users[name]!, { gateway: n % 2 })));
  const boss = await system.connect(users.boss!, { gateway: 1 });
  await Promise.all([
    ...sessions.flatMap((session, n) =>
      range(1, 8).map((k) =>
        session.sayAndWait(cid, `@user${((n + k) % 20) + 1} @user${((n + 2 * k) % 20) + 1}. @user1`),
      ),
    ),
    ...range(1, 4).map((k) => boss.sayAndWait(cid, `@all ${k} @user2`)),
  ]);
  for (const name of names) {
    const { userId } = users[name]!;
    const [row] = await system.sql<{ count: number; texts: number }[]>`
      select (
        select count(distinct seq)::int from mentions
        where conversation_id = ${cid} and user_id in (${userId}, '00000000-0000-0000-0000-000000000000')
          and sender_id <> ${userId}
      ) as count, (
        select count(*)::int from messages
        where conversation_id = ${cid} and sender_id <> ${userId}
          and (body ->> 'text' ~ ${`@${name}\\M`} or body ->> 'text' like '@all%')
      ) as texts`;
    expect([name, row!.count]).toEqual([name, row!.texts]);
    expect([name, await countOf(users[name]!, cid)]).toEqual([name, Math.min(row!.count, LIMITS.mentionsCounted)]);
    expect((await list(users[name]!, '?limit=200')).items).toHaveLength(row!.count);
  }
});

test('[MEN-7] by pages over all conversations, the newest first, over REST and `call`', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const other = await tenant.channel(users.ann, users.bob);
  const seqs: [string, number][] = [];
  for (const n of range(1, 7)) {
    const room = n % 2 === 0 ? cid : other;
    seqs.push([room, await say(users.ann, room, n % 3 === 0 ? '@all' : '@bob')]);
  }
  const keys = ({ items }: Page<Mention>) => items.map(({ message }) => [message.cid, message.seq]);
  const first = await list(users.bob, '?limit=3');
  const second = await list(users.bob, `?limit=3&cursor=${first.next}`);
  const third = await list(users.bob, `?limit=3&cursor=${second.next}`);
  expect([first, second, third].flatMap(keys)).toEqual(seqs.toReversed());
  expect(third.next).toBe(null);
  const session = await system.connect(users.bob);
  const called = async <T>(...[operation, args]: [Parameters<typeof callOf>[1], object]) => {
    const answer = await callOf(session, operation, { ...args });
    return (answer as { readonly data?: T }).data!;
  };
  const listed = await called<Page<Mention>>(operations.listMentions, { limit: 100, unread: true });
  expect(keys(listed)).toEqual(seqs.toReversed());
  expect(await called(operations.countMentions, {})).toEqual({ mentions: 7, conversations: 2 });
  await read(users.bob, cid, 1_000);
  expect(await called(operations.countMentions, {})).toEqual({ mentions: 4, conversations: 1 });
});

test('[MEN-7] a page ends by its bytes', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const long = `@bob ${'字'.repeat(15_000)}`;
  const seqs: number[] = [];
  for (const _ of range(1, 30)) seqs.push(await say(users.ann, cid, long));
  const first = await list(users.bob, '?limit=100');
  expect(JSON.stringify(first).length).toBeLessThan(LIMITS.pageBytes);
  expect(first.items.length).toBeLessThan(30);
  const second = await list(users.bob, `?limit=100&cursor=${first.next}`);
  const all = [...first.items, ...second.items].map(({ message }) => message.seq);
  expect(all).toEqual(seqs.toReversed());
});

test('[MEN-6] [MEN-7] nothing of conversations that one has left, of the time before one joined, or of blocked users', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob', 'cy');
  await must('PATCH', urlOf(cid), { headers: users.ann.auth, body: { history: 'since_joining' } });
  const left = await tenant.channel(users.ann, users.bob);
  await say(users.ann, left, '@bob @all');
  await must('DELETE', urlOf(left, `/participants/${users.bob.userId}`), { headers: users.ann.auth });
  const dan = await tenant.user('dan');
  await say(users.ann, cid, '@all @dan');
  await must('POST', urlOf(cid, '/participants'), { headers: users.ann.auth, body: { users: [dan.userId] } });
  expect([await mine(dan), await countOf(dan, cid)]).toEqual([[], 0]);
  expect((await mine(users.bob)).map(([, scope]) => scope)).toEqual(['all']);
  const seq = await say(users.cy, cid, '@bob @dan');
  await must('PUT', `${system.api}/v1/users/me/blocks/${users.cy.userId}`, { headers: users.bob.auth });
  expect([(await mine(users.bob)).length, await countOf(users.bob, cid)]).toEqual([1, 1]);
  expect(await mine(dan)).toEqual([[seq, 'user', true]]);
});

test('[MEN-7] those of a deleted conversation are listed no more', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  await say(users.ann, cid, '@bob');
  expect(await mine(users.bob)).toHaveLength(1);
  await must('DELETE', urlOf(cid), { headers: users.ann.auth });
  expect(await mine(users.bob)).toEqual([]);
});

test('[THRD-7] a reply is shown in the conversation too, in every frame and page, and only a reply', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const root = await say(users.ann, cid, 'root');
  const [ann, bob] = await Promise.all(
    [users.ann, users.bob].map((user, gateway) => system.connect(user, { gateway })),
  );
  await bob!.join(cid);
  const seq = await ann!.sayAndWait(cid, 'too', { threadRoot: root, showInChannel: true });
  expect(await bob!.record.next('message', { cid, seq }, LONG)).toMatchObject({
    threadRoot: root,
    showInChannel: true,
  });
  const plain = await ann!.sayAndWait(cid, 'not', { threadRoot: root, showInChannel: false });
  expect(await bob!.record.next('message', { cid, seq: plain }, LONG)).not.toHaveProperty('showInChannel');
  const page = await must<{ items: object[] }>('GET', urlOf(cid, `/messages?after=${root}`), {
    headers: users.bob.auth,
  });
  expect(page.items[0]).toMatchObject({ seq, showInChannel: true });
  const send = (body: object) =>
    call<{ code?: string }>('POST', urlOf(cid, '/messages'), { headers: users.ann.auth, body });
  const body = { mid: newMid(), kind: 'text', body: { text: 'x' } };
  expect((await send({ ...body, showInChannel: true })).status).toBe(400);
  const reply = { ...body, threadRoot: root, showInChannel: true };
  expect([(await send(reply)).status, (await send(reply)).status]).toEqual([201, 200]);
  expect((await send({ ...reply, showInChannel: false })).body.code).toBe('mid_taken');
});

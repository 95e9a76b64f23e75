/** `@here`: those who are online when the message is stored (MEN-9). */
import type { Conversation, Mention, Page, Presences } from '@messagecore/protocol/features';
import { must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const LONG = { timeoutMs: 60_000 };
const NIL = '00000000-0000-0000-0000-000000000000';

const urlOf = (cid: string, rest = '') => `${system.api}/v1/conversations/${cid}${rest}`;
async function say({ auth: headers }: TestUser, cid: string, text: string): Promise<number> {
  const body = { mid: newMid(), kind: 'text', body: { text } };
  return (await must<{ seq: number }>('POST', urlOf(cid, '/messages'), { headers, body })).seq;
}
const edit = ({ auth: headers }: TestUser, cid: string, seq: number, text: string) =>
  must('PATCH', urlOf(cid, `/messages/${seq}`), { headers, body: { body: { text } } });
const mine = async ({ auth: headers }: TestUser) => {
  const { items } = await must<Page<Mention>>('GET', `${system.api}/v1/mentions`, { headers });
  return items.map(({ scope, message: { seq } }) => [seq, scope]);
};
const countOf = async ({ auth: headers }: TestUser, cid: string) =>
  (await must<Conversation>('GET', urlOf(cid), { headers })).mentions;

const untilOnline = (by: TestUser, ...users: TestUser[]) =>
  vi.waitUntil(
    async () => {
      const query = users.map(({ userId }) => `users=${userId}`).join('&');
      const url = `${system.api}/v1/presence?${query}`;
      const { items } = await must<Presences>('GET', url, { headers: by.auth });
      return items.every(({ state }) => state === 'online') && items.length === users.length;
    },
    { timeout: 60_000, interval: 100 },
  );
/** It is known whom `here` in the message mentions, if it does. */
const untilSettled = (cid: string, seq: number) =>
  vi.waitUntil(
    async () => {
      const open = await system.sql`
        select from mentions where conversation_id = ${cid} and seq = ${seq} and user_id = ${NIL} and scope = 'here'`;
      return open.length === 0;
    },
    { timeout: 60_000, interval: 50 },
  );
async function sayHere(by: TestUser, cid: string, text: string): Promise<number> {
  const seq = await say(by, cid, text);
  await untilSettled(cid, seq);
  return seq;
}

test('[MEN-9] who is online is mentioned, at whatever gateway, shown or not, and nobody else', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob', 'cy', 'dee', 'eve');
  const { ann, bob, cy, dee, eve } = users;
  const later = await tenant.user('fay');
  const other = await newRoom(system, 'ann', 'bob');
  const sessions = await Promise.all(
    [bob, cy, eve, ann, later, other.users.bob].map((user, n) => system.connect(user, { gateway: n % 2, inbox: true })),
  );
  await untilOnline(ann, bob, cy, eve, later);
  await untilOnline(other.users.ann, other.users.bob);
  await must('PUT', `${system.api}/v1/users/me/presence`, { headers: eve.auth, body: { choice: 'invisible' } });

  const seq = await say(ann, cid, 'now @here');
  for (const session of sessions.slice(0, 3)) {
    expect(await session.record.next('inbox', { cid, head: seq, mentions: 1 }, LONG)).toMatchObject({ unread: 1 });
  }
  await must('POST', urlOf(cid, '/participants'), { headers: ann.auth, body: { users: [later.userId] } });
  for (const user of [bob, cy, eve]) {
    expect([user.name, await mine(user), await countOf(user, cid)]).toEqual([user.name, [[seq, 'here']], 1]);
  }
  for (const user of [ann, dee, later]) {
    expect([user.name, await mine(user), await countOf(user, cid)]).toEqual([user.name, [], 0]);
  }
  expect(sessions[3]!.record.of('inbox', { cid }).filter(({ mentions }) => mentions !== undefined)).toEqual([]);

  const elsewhere = await sayHere(other.users.ann, other.cid, '@here');
  expect([await mine(other.users.bob), (await mine(bob)).length]).toEqual([[[elsewhere, 'here']], 1]);
});

test('[MEN-9] who comes later is not mentioned by a message of before, and is by the next one', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const { ann, bob, cy } = users;
  await system.connect(bob);
  await untilOnline(ann, bob);
  const first = await sayHere(ann, cid, '@here');
  await system.connect(cy, { gateway: 1 });
  await untilOnline(ann, cy);
  const second = await sayHere(ann, cid, '@here');
  expect([await countOf(bob, cid), await countOf(cy, cid)]).toEqual([2, 1]);
  expect([await mine(bob), await mine(cy)]).toEqual([
    [
      [second, 'here'],
      [first, 'here'],
    ],
    [[second, 'here']],
  ]);
});

test('[MEN-4] [MEN-9] an edit keeps those of before while `here` stays, asks anew where it is new, and a recall ends all', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const { ann, bob, cy } = users;
  await system.connect(bob);
  await untilOnline(ann, bob);
  const both = async () => [await mine(bob), await mine(cy)];
  const seq = await sayHere(ann, cid, 'nobody');
  expect(await both()).toEqual([[], []]);
  await edit(ann, cid, seq, '@here');
  await untilSettled(cid, seq);
  expect(await both()).toEqual([[[seq, 'here']], []]);

  await system.connect(cy, { gateway: 1 });
  await untilOnline(ann, cy);
  await edit(ann, cid, seq, 'all of you @here');
  await untilSettled(cid, seq);
  expect(await both()).toEqual([[[seq, 'here']], []]);
  await edit(ann, cid, seq, '@bob and @cy and @here');
  expect(await both()).toEqual([[[seq, 'user']], [[seq, 'user']]]);
  await edit(ann, cid, seq, '@here');
  expect(await both()).toEqual([[[seq, 'here']], []]);
  await edit(ann, cid, seq, '@bob');
  expect(await both()).toEqual([[[seq, 'user']], []]);
  await edit(ann, cid, seq, 'nobody');
  expect(await both()).toEqual([[], []]);
  await edit(ann, cid, seq, '@bob @here');
  await untilSettled(cid, seq);
  expect([await both(), await countOf(bob, cid)]).toEqual([[[[seq, 'user']], [[seq, 'here']]], 1]);

  await must('DELETE', urlOf(cid, `/messages/${seq}`), { headers: ann.auth });
  expect(await both()).toEqual([[], []]);
  expect(await system.sql`select from mentions where conversation_id = ${cid}`).toHaveLength(0);
});

/** Groups of users: who keeps them, and messages that mention them (MEN-10, MEN-11). */
import { LIMITS } from '@messagecore/protocol';
import type { Conversation, Mention, Page, User, UserGroup } from '@messagecore/protocol/features';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const LONG = { timeoutMs: 60_000 };
type Headers = Readonly<Record<string, string>>;

const urlOf = (cid: string, rest = '') => `${system.api}/v1/conversations/${cid}${rest}`;
const groups = <T>(method: string, path: string, headers: Headers, body?: object) =>
  call<T & { readonly code?: string }>(method, `${system.api}/v1/user-groups${path}`, {
    headers,
    ...(body && { body }),
  });
const list = async ({ auth }: TestUser, query = '') => (await groups<Page<UserGroup>>('GET', query, auth)).body;
const members = async ({ auth }: TestUser, id: string, query = '') =>
  (await groups<Page<User>>('GET', `/${id}/members${query}`, auth)).body;
const namesOf = ({ items }: Page<UserGroup>) => items.map(({ name }) => name);

async function newGroup({ tenant }: Pick<Room<'ann'>, 'tenant'>, name: string, ...users: TestUser[]): Promise<string> {
  const { status, body } = await groups<UserGroup>('POST', '', tenant.backEnd, { name });
  expect([status, body]).toEqual([201, { groupId: expect.any(String), name, members: 0, mine: false }]);
  if (users.length > 0) {
    const add = users.map(({ userId }) => userId);
    const changed = await groups<UserGroup>('PATCH', `/${body.groupId}/members`, tenant.backEnd, { add });
    expect(changed.body.members).toBe(users.length);
  }
  return body.groupId;
}

async function say({ auth: headers }: TestUser, cid: string, text: string): Promise<number> {
  const body = { mid: newMid(), kind: 'text', body: { text } };
  return (await must<{ seq: number }>('POST', urlOf(cid, '/messages'), { headers, body })).seq;
}
const edit = ({ auth: headers }: TestUser, cid: string, seq: number, text: string) =>
  must('PATCH', urlOf(cid, `/messages/${seq}`), { headers, body: { body: { text } } });
/** It is known whom the groups in all messages of the conversation mention. */
const untilSettled = (cid: string) =>
  vi.waitUntil(
    async () => (await system.sql`select from open_group_mentions where conversation_id = ${cid}`).length === 0,
    { timeout: 60_000, interval: 50 },
  );
const mine = async ({ auth: headers }: TestUser) => {
  const { items } = await must<Page<Mention>>('GET', `${system.api}/v1/mentions`, { headers });
  return items.map(({ scope, message: { seq } }) => [seq, scope]);
};
const countOf = async ({ auth: headers }: TestUser, cid: string) =>
  (await must<Conversation>('GET', urlOf(cid), { headers })).mentions;

test('[MEN-10] admins of the tenant keep groups, everybody lists them by pages, and other tenants have their own', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { tenant, users } = room;
  const { ann, bob, cy } = users;
  for (const name of ['设计组', 'Ops', 'Design Team']) await newGroup(room, name);
  const first = await list(ann, '?limit=2');
  expect([namesOf(first), namesOf(await list(ann, `?limit=2&cursor=${first.next}`))]).toEqual([
    ['Design Team', 'Ops'],
    ['设计组'],
  ]);
  const { groupId } = first.items[0]!;
  const change = (body: object, headers: Headers = tenant.backEnd) =>
    groups<UserGroup>('PATCH', `/${groupId}/members`, headers, body);
  expect((await change({ add: [ann.userId, bob.userId, `ext:${bob.name}`] })).body.members).toBe(2);
  expect((await change({ add: [cy.userId, bob.userId], remove: [ann.userId] })).body.members).toBe(2);
  const ids = [bob, cy].map(({ userId }) => userId).toSorted();
  const page = await members(ann, groupId, '?limit=1');
  const next = await members(ann, groupId, `?limit=1&cursor=${page.next}`);
  expect([...page.items, ...next.items].map(({ userId }) => userId)).toEqual(ids);
  expect(next.next).toBeNull();
  expect((await list(bob)).items.map(({ mine }) => mine)).toEqual([true, false, false]);

  expect((await change({ add: [ann.userId, '00000000-0000-4000-8000-000000000000'] })).status).toBe(404);
  expect((await change({})).body.code).toBe('bad_request');
  expect((await groups('PATCH', `/${groupId}`, tenant.backEnd, { name: 'DESIGN team' })).body).toMatchObject({
    ...{ name: 'DESIGN team', members: 2 },
  });
  for (const name of ['ＯＰＳ', 'ops']) {
    expect((await groups('POST', '', tenant.backEnd, { name })).body.code).toBe('conflict');
    expect((await groups('PATCH', `/${groupId}`, tenant.backEnd, { name })).body.code).toBe('conflict');
  }
  for (const name of ['all', 'Here', 'all hands', 'a@b', '', 'x'.repeat(65)])
    expect((await groups('POST', '', tenant.backEnd, { name })).body.code).toBe('bad_request');

  for (const [method, path, body] of [
    ['POST', '', { name: 'Mine' }],
    ['PATCH', `/${groupId}`, { name: 'Mine' }],
    ['PATCH', `/${groupId}/members`, { add: [ann.userId] }],
    ['DELETE', `/${groupId}`, undefined],
  ] as const)
    expect((await groups(method, path, ann.auth, body)).body.code).toBe('forbidden');
  const other = await newRoom(system, 'eve');
  await newGroup(other, 'Ops');
  expect(namesOf(await list(other.users.eve))).toEqual(['Ops']);
  expect((await groups('GET', `/${groupId}/members`, other.users.eve.auth)).status).toBe(404);

  expect((await groups('DELETE', `/${groupId}`, tenant.backEnd)).status).toBe(204);
  expect((await groups('DELETE', `/${groupId}`, tenant.backEnd)).status).toBe(404);
  expect(namesOf(await list(ann))).toEqual(['Ops', '设计组']);
});

test('[MEN-10] so many groups of a tenant, so many members of a group, and so many in a call', async () => {
  const room = await newRoom(system, 'ann');
  const { tid, tenant, users } = room;
  const groupId = await newGroup(room, 'Many', users.ann);
  await system.sql`
    insert into user_group_members (group_id, user_id, tenant_id)
    select ${groupId}, gen_random_uuid(), ${tid} from generate_series(2, ${LIMITS.userGroupMembers}::int)`;
  const { userId } = await tenant.user('one more');
  const change = (body: object) => groups('PATCH', `/${groupId}/members`, tenant.backEnd, body);
  expect((await change({ add: [userId] })).body.code).toBe('too_large');
  expect((await change({ add: [userId], remove: [users.ann.userId] })).status).toBe(200);
  const tooMany = Array.from({ length: LIMITS.groupMembersPerCall + 1 }, () => userId);
  expect((await change({ add: tooMany })).body.code).toBe('bad_request');
  await system.sql`
    insert into user_groups (id, tenant_id, name, mention_name)
    select gen_random_uuid(), ${tid}, 'many' || n, 'many' || n from generate_series(2, ${LIMITS.userGroupsPerTenant}::int) n`;
  expect((await groups('POST', '', tenant.backEnd, { name: 'One more' })).body.code).toBe('too_large');
});

test('[MEN-10] a guest sees and mentions the groups to which it belongs, and of their members whom it sees', async () => {
  const room = await newRoom(system, 'ann', 'guest');
  const { cid, users, tenant } = room;
  const { ann, guest } = users;
  const stranger = await tenant.user('stranger');
  await system.sql`update users set role = 'guest' where id = ${guest.userId}`;
  const own = await newGroup(room, 'Visitors', guest, ann, stranger);
  const other = await newGroup(room, 'Staff', ann);
  expect(namesOf(await list(guest))).toEqual(['Visitors']);
  const seen = (await members(guest, own)).items.map(({ userId }) => userId);
  expect(seen).toEqual([ann.userId, guest.userId].toSorted());
  expect((await groups('GET', `/${other}/members`, guest.auth)).status).toBe(404);
  const seq = await say(guest, cid, '@staff and @visitors');
  await untilSettled(cid);
  expect(await mine(ann)).toEqual([[seq, 'group']]);
});

test('[MEN-4] [MEN-6] [MEN-7] [MEN-11] whom a group mentions, in frames of both encodings, replays, pages, counts, `inbox` frames and lists', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy', 'dee');
  const { cid, users, tenant } = room;
  const { ann, bob, cy, dee } = users;
  const outside = await tenant.user('fay');
  const name = '设计 组';
  const id = await newGroup(room, name, ann, bob, cy, outside);
  const [json, packed, told] = await Promise.all([
    system.connect(dee),
    system.connect(dee, { gateway: 1, encoding: 'msgpack' }),
    system.connect(bob, { gateway: 1, inbox: true }),
  ]);
  for (const session of [json, packed]) await session.join(cid);
  const seq = await say(ann, cid, `你好@${name}，看 @CY and <&${id}>`);
  const mentions = { users: [cy.userId], groups: [{ id, name }] };
  for (const { record } of [json, packed])
    expect((await record.next('message', { cid, seq }, LONG)).mentions).toEqual(mentions);
  const late = await system.connect(cy, { gateway: 1 });
  await late.join(cid, { since: seq - 1 });
  expect((await late.record.next('message', { cid, seq }, LONG)).mentions).toEqual(mentions);
  const page = await must<{ items: object[] }>('GET', urlOf(cid, '/messages?limit=1'), { headers: dee.auth });
  expect(page.items[0]).toMatchObject({ mentions });

  expect(await told.record.next('inbox', { cid, head: seq, mentions: 1 }, LONG)).toMatchObject({ unread: 1 });
  await untilSettled(cid);
  await must('POST', urlOf(cid, '/participants'), { headers: ann.auth, body: { users: [outside.userId] } });
  expect([await mine(bob), await mine(cy)]).toEqual([[[seq, 'group']], [[seq, 'user']]]);
  for (const user of [ann, dee, outside]) expect([await mine(user), await countOf(user, cid)]).toEqual([[], 0]);
  expect([await countOf(bob, cid), await countOf(cy, cid)]).toEqual([1, 1]);
  const unread = await must('GET', `${system.api}/v1/mentions/unread`, { headers: bob.auth });
  expect(unread).toEqual({ mentions: 1, conversations: 1 });
});

test('[MEN-4] [MEN-10] [MEN-11] an edit settles it anew, a recall ends it, and a group that is gone leaves what was said', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid, users, tenant } = room;
  const { ann, bob, cy } = users;
  const [a, b] = [await newGroup(room, 'Alpha', bob), await newGroup(room, 'Beta', cy)];
  const session = await system.connect(bob);
  await session.join(cid);
  const both = async () => {
    await untilSettled(cid);
    return [await mine(bob), await mine(cy)];
  };
  const seq = await say(ann, cid, '@alpha');
  expect(await both()).toEqual([[[seq, 'group']], []]);
  await edit(ann, cid, seq, '@alpha and @beta');
  const { mentions } = await session.record.next('update', { cid, seq }, LONG);
  expect(mentions?.groups).toEqual([
    { id: a, name: 'Alpha' },
    { id: b, name: 'Beta' },
  ]);
  expect(await both()).toEqual([[[seq, 'group']], [[seq, 'group']]]);
  await edit(ann, cid, seq, '@bob and @beta');
  expect(await both()).toEqual([[[seq, 'user']], [[seq, 'group']]]);
  await groups('PATCH', `/${b}`, tenant.backEnd, { name: 'Gamma' });
  await groups('DELETE', `/${b}`, tenant.backEnd);
  expect(await both()).toEqual([[[seq, 'user']], [[seq, 'group']]]);
  const later = await say(ann, cid, '@beta @gamma @alpha');
  expect(await both()).toEqual([
    [
      [later, 'group'],
      [seq, 'user'],
    ],
    [[seq, 'group']],
  ]);
  for (const each of [seq, later]) await must('DELETE', urlOf(cid, `/messages/${each}`), { headers: ann.auth });
  expect(await both()).toEqual([[], []]);
  expect(await system.sql`select from mentions where conversation_id = ${cid}`).toHaveLength(0);
});

test('[EVT-3] whoever creates, renames, fills or deletes a group, the tenant’s sessions hear of it, and of nothing else', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = room.users;
  const hears = async (change: () => Promise<unknown>) => {
    const session = await system.connect(ann, { gateway: 1 });
    await change();
    const event = await session.record.next('event');
    await session.close();
    return event;
  };
  const said = { t: 'event', event: 'userGroups.changed', data: {} };
  const backEnd = room.tenant.backEnd;
  let id = '';
  expect(await hears(async () => (id = await newGroup(room, 'Crew')))).toEqual(said);
  const fill = { add: [bob.userId] };
  expect(await hears(() => groups('PATCH', `/${id}/members`, backEnd, fill))).toEqual(said);
  expect(await hears(() => groups('PATCH', `/${id}`, backEnd, { name: 'Staff' }))).toEqual(said);
  expect(await hears(() => groups('DELETE', `/${id}`, backEnd))).toEqual(said);
});

/** Whom groups mention, settled afterwards: once, under locks, and of those who were there when the message was stored. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { mentionName } from '../src/core/messages/mentions-in-text.ts';
import { mergeMentions } from '../src/features/mentions/merge-mentions.ts';
import { settleGroups } from '../src/features/mentions/settle-groups.ts';
import { settleOpenGroups } from '../src/features/mentions/settle-open.ts';
import { mergeMemberships } from '../src/features/user-groups/merge-members.ts';
import type { Sql, Transaction } from '../src/platform/database/connect.ts';
import { lockWaits } from './locks.ts';
import { createDatabase, createRoom, messageTo, newAppender, type Room, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Looks for what is open, and keeps the messages of which sessions were told again. */
function newLooks() {
  const again: (readonly [string, number])[] = [];
  const { signal } = new AbortController();
  const signals = { inboxAgain: (_: string, told: [string, number][]) => void again.push(...told) };
  return { again, look: () => settleOpenGroups({ background: database.store.sql, signals }, signal) };
}

async function newGroup({ tid }: Pick<Room, 'tid'>, name: string, ...members: string[]): Promise<string> {
  const id = randomUUID();
  await database.store.sql`
    with made as (
      insert into user_groups (id, tenant_id, name, mention_name) values (${id}, ${tid}, ${name}, ${mentionName(name)!})
    )
    insert into user_group_members (group_id, user_id, tenant_id)
    select ${id}, unnest(${members}::uuid[]), ${tid}`;
  return id;
}

async function say(room: Room, text: string, uid = room.users[0]!): Promise<number> {
  const outcome = await newAppender(database.store).append(messageTo(room, { uid, body: JSON.stringify({ text }) }));
  if (!('seq' in outcome)) throw new Error('the message was not stored');
  return outcome.seq;
}

async function groupsIn({ cid }: Room, seq: number): Promise<string[]> {
  const rows = await database.store.sql<{ mentions: { groups?: { id: string; name: string }[] } | null }[]>`
    select mentions from messages where conversation_id = ${cid} and seq = ${seq}`;
  return rows[0]?.mentions?.groups?.map(({ name }) => name) ?? [];
}

async function mentionedBy({ cid }: Room, seq: number): Promise<string[]> {
  const rows = await database.store.sql<{ uid: string }[]>`
    select user_id as uid from mentions where conversation_id = ${cid} and seq = ${seq} order by user_id`;
  return rows.map(({ uid }) => uid);
}

test('[MEN-11] it is settled once, whoever finds it and whoever belongs to the group later', async () => {
  const room = await createRoom(database.store, { members: 4 });
  const [ann, bob, cy] = room.users;
  const id = await newGroup(room, '设计组', ann!, bob!);
  const seq = await say(room, '你好@设计组请看');
  expect([await groupsIn(room, seq), await mentionedBy(room, seq)]).toEqual([['设计组'], []]);
  await database.store.sql`
    insert into user_group_members (group_id, user_id, tenant_id, added_at)
    values (${id}, ${cy!}, ${room.tid}, now() + interval '1 second')`;
  const [here, there] = [newLooks(), newLooks()];
  await Promise.all([here.look(), there.look()]);
  expect([await mentionedBy(room, seq), [...here.again, ...there.again]]).toEqual([[bob], [[room.cid, seq]]]);
  await here.look();
  expect(here.again.length + there.again.length).toBe(1);
});

test('[MEN-1] [MEN-2] [MEN-3] names and ids of groups, the longest, and participants before them', async () => {
  const room = await createRoom(database.store, { members: 3 });
  const other = await createRoom(database.store, { members: 2 });
  const [, bob, cy] = room.users;
  await database.store.sql`
    update users set display_name = 'Design', search_name = E'design\n', search_of = 'Design' where id = ${bob!}`;
  const team = await newGroup(room, 'Design Team', cy!);
  const ops = await newGroup(room, 'Ops', cy!);
  const same = await newGroup(room, 'Design', cy!);
  const foreign = await newGroup(other, 'Elsewhere', ...room.users);
  const told: [string, string[], string[]][] = [
    ['@design team, and @OPS!', ['Design Team', 'Ops'], [cy!]],
    ['@design teams', [], [bob!]],
    [`<&${same.toUpperCase()}> <&${team}>`, ['Design', 'Design Team'], [cy!]],
    [`<&${foreign}> @elsewhere <&${randomUUID()}> <&ops> ops@ops`, [], []],
    [`<@${cy!}> and @ops <&${ops}>`, ['Ops'], [cy!]],
  ];
  for (const [text, groups, users] of told) {
    const seq = await say(room, text);
    await newLooks().look();
    expect([text, await groupsIn(room, seq), await mentionedBy(room, seq)]).toEqual([text, groups, users]);
  }
  const named = await database.store.sql`select scope from mentions where conversation_id = ${room.cid} order by seq`;
  expect(named.map(({ scope }) => scope)).toEqual(['group', 'user', 'group', 'user']);
});

test('[MEN-3] at most so many groups of one message', async () => {
  const room = await createRoom(database.store, { members: 2 });
  const many = Array.from({ length: LIMITS.groupsPerMessage + 5 }, (_, n) => `team ${n}.`);
  for (const name of many) await newGroup(room, name, room.users[1]!);
  const seq = await say(room, many.map((name) => `@${name}`).join(' '));
  expect(await groupsIn(room, seq)).toHaveLength(LIMITS.groupsPerMessage);
});

test('[MEN-11] groups of so many members together, the smallest first; the others are text', async () => {
  const room = await createRoom(database.store, { members: 3 });
  const [, bob, cy] = room.users;
  await newGroup(room, 'Few', bob!);
  const many = await newGroup(room, 'Many', bob!, cy!);
  await database.store.sql`update user_groups set members = ${LIMITS.groupMembersPerMessage} where id = ${many}`;
  expect(await groupsIn(room, await say(room, '@many, @few'))).toEqual(['Few']);
  expect(await groupsIn(room, await say(room, `<&${many}>`))).toEqual(['Many']);
});

test('[MEN-10] a guest mentions the groups to which it belongs, and of others the next shorter name', async () => {
  const room = await createRoom(database.store, { members: 3 });
  const [ann, bob, guest] = room.users;
  await database.store.sql`update users set role = 'guest' where id = ${guest!}`;
  await newGroup(room, 'Visitors', bob!, guest!);
  const staff = await newGroup(room, 'Visitors of staff', ann!);
  const seq = await say(room, `@visitors of staff <&${staff}>`, guest);
  expect(await groupsIn(room, seq)).toEqual(['Visitors']);
  expect(await groupsIn(room, await say(room, '@visitors of staff', bob))).toEqual(['Visitors of staff']);
});

test('[MEN-11] a name that has spaces and quotes is told as it is', async () => {
  const room = await createRoom(database.store, { members: 2 });
  const name = 'R & D: "a, b"';
  await newGroup(room, name, room.users[1]!);
  expect(await groupsIn(room, await say(room, `@${name} now`))).toEqual([name]);
});

test('[MEN-11] where everybody is mentioned nobody is by a group; with `here` both are settled', async () => {
  const room = await createRoom(database.store, { members: 3 });
  await newGroup(room, 'Crew', room.users[1]!);
  const all = await say(room, '@all @crew');
  const here = await say(room, '@here @crew');
  await newLooks().look();
  const nil = '00000000-0000-0000-0000-000000000000';
  expect(await mentionedBy(room, all)).toEqual([nil]);
  expect(await mentionedBy(room, here)).toEqual([nil, room.users[1]]);
  expect(await groupsIn(room, all)).toEqual(['Crew']);
});

const asked = (...groups: string[]) =>
  JSON.stringify({ users: [], groups, names: [], most: 50, mostGroups: 10, mostMembers: 1_000 });
const write = (sql: Sql | Transaction, { cid }: Room, seq: number, asked: string | null) =>
  sql`update messages set mentions = ${asked}::text::jsonb where conversation_id = ${cid} and seq = ${seq}`;

test('[MEN-11] a message that somebody has locked holds up no other, and of one that is gone nothing is open', async () => {
  const room = await createRoom(database.store, { members: 2 });
  const bob = room.users[1]!;
  await newGroup(room, 'Crew', bob);
  const [locked, other] = [await say(room, '@crew'), await say(room, '@crew again')];
  const { sql } = database.open();
  await sql`insert into open_group_mentions (conversation_id, seq, tenant_id) values (${room.cid}, 99, ${room.tid})`;
  await sql.begin(async (tx) => {
    await tx`select from messages where conversation_id = ${room.cid} and seq = ${locked} for update`;
    await newLooks().look();
  });
  expect([await mentionedBy(room, locked), await mentionedBy(room, other)]).toEqual([[], [bob]]);
  await newLooks().look();
  expect(await mentionedBy(room, locked)).toEqual([bob]);
  expect(await sql`select from open_group_mentions where conversation_id = ${room.cid}`).toHaveLength(0);
});

test('[MEN-4] [MEN-11] an edit settles it anew, is left alone while it is under way, and waits', async () => {
  const room = await createRoom(database.store, { members: 4 });
  const [, bob, cy] = room.users;
  const [a, b] = [await newGroup(room, 'A team', bob!), await newGroup(room, 'B team', cy!)];
  const seq = await say(room, '@a team');
  const looks = newLooks();
  await looks.look();
  expect(await mentionedBy(room, seq)).toEqual([bob]);
  const { sql } = database.open();
  await write(sql, room, seq, asked(a, b));
  await sql.begin(async (tx) => {
    await write(tx, room, seq, asked(b));
    await looks.look();
  });
  expect(await mentionedBy(room, seq)).toEqual([]);
  await looks.look();
  expect([await mentionedBy(room, seq), await groupsIn(room, seq)]).toEqual([[cy], ['B team']]);
  await write(sql, room, seq, asked(a));
  const { editing } = await sql.begin(async (tx) => {
    expect(await settleGroups(tx, { tid: room.tid, cid: room.cid, seq })).toBe(1);
    const editing = write(database.store.sql, room, seq, null).execute();
    await vi.waitUntil(async () => (await lockWaits(sql)) === 1, { timeout: 60_000 });
    return { editing };
  });
  await editing;
  await looks.look();
  expect(await mentionedBy(room, seq)).toEqual([]);
  expect(await sql`select from open_group_mentions where conversation_id = ${room.cid}`).toHaveLength(0);
});

test('[USER-5] [MEN-11] during a merge a group of the merged user mentions the survivor, but not in messages of either', async () => {
  const room = await createRoom(database.store, { members: 2 });
  const [owner, old] = room.users;
  const { users } = await createRoom(database.store, { tid: room.tid });
  const into = users[0]!;
  await newGroup(room, 'Crew', old!);
  const [seq, own] = [await say(room, '@crew'), await say(room, '@crew', old)];
  const { sql } = database.store;
  await sql`update users set merged_into = ${into}, status = 'deactivated' where id = ${old!}`;
  await sql`update participants set user_id = ${into} where conversation_id = ${room.cid} and user_id = ${old!}`;
  await newLooks().look();
  expect([await mentionedBy(room, seq), await mentionedBy(room, own)]).toEqual([[into], []]);
  const [mention] = await sql`select sender_id, scope from mentions where conversation_id = ${room.cid}`;
  expect(mention).toEqual({ sender_id: owner, scope: 'group' });
});

test('[USER-5] memberships and mentions of a merged user are the survivor’s, and come back when the merge is taken back', async () => {
  const room = await createRoom(database.store, { members: 4 });
  const { tid } = room;
  const [, old, ann, cy] = room.users;
  const both = await newGroup(room, 'Both', old!, ann!);
  const own = await newGroup(room, 'Own', old!, cy!);
  const gone = await newGroup(room, 'Gone', old!);
  const other = await newGroup(room, 'Other', cy!);
  const seqs: number[] = [];
  for (const text of ['@both', '@own', '@own now', '@own then']) seqs.push(await say(room, text));
  await newLooks().look();
  const { sql } = database.store;
  const state = async () => ({
    members: await sql`
      select group_id, user_id, added_at from user_group_members where tenant_id = ${tid} order by group_id, user_id`,
    mentions: await Promise.all(seqs.map((seq) => mentionedBy(room, seq))),
  });
  const before = await state();
  const merging = { tid, from: old!, into: ann! };
  const parts = [mergeMentions, mergeMemberships];
  for (const { move } of parts) while (await sql.begin((tx) => move(tx, merging)));
  const membersOf = async (of: string) =>
    (await sql`select user_id from user_group_members where group_id = ${of}`).map(({ user_id: uid }) => uid as string);
  expect([await membersOf(both), (await membersOf(own)).toSorted()]).toEqual([[ann], [ann, cy].toSorted()]);
  expect((await state()).mentions).toEqual([[ann], ...Array<unknown>(3).fill([ann, cy].toSorted())]);

  await sql`delete from user_groups where id = ${gone}`;
  await write(sql, room, seqs[2]!, null);
  await write(sql, room, seqs[3]!, asked(other));
  for (const { moveBack } of parts.toReversed()) while (await sql.begin((tx) => moveBack(tx, merging)));
  expect(await state()).toEqual({
    members: before.members.filter(({ group_id: of }) => of !== gone),
    mentions: [before.mentions[0], before.mentions[1], [], []],
  });
});

/** Groups of users under concurrent changes, and how many members they say they have. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createGroup, deleteGroup, renameGroup } from '../src/features/user-groups/change-groups.ts';
import { changeMembers } from '../src/features/user-groups/change-members.ts';
import { listGroups } from '../src/features/user-groups/group-queries.ts';
import { membershipsOfUser } from '../src/features/user-groups/member-data.ts';
import { mergeMemberships } from '../src/features/user-groups/merge-members.ts';
import { lockWaits } from './locks.ts';
import { createDatabase, createRoom, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
const deps = () => ({ sql: database.store.sql, publishEvents: () => {} });

test('[MEN-10] a group says how many members it has, whoever adds and removes them', async () => {
  const { sql } = database.store;
  const { tid, users } = await createRoom(database.store, { members: 4 });
  const [ann, bob, cy, dee] = users;
  const by = { tid, uid: undefined };
  const [a, b] = [await createGroup(deps(), by, { name: 'A' }), await createGroup(deps(), by, { name: 'B' })];
  await changeMembers(deps(), by, a.groupId, { add: [ann!, bob!, cy!] });
  await changeMembers(deps(), by, b.groupId, { add: [bob!, dee!] });
  const counts = async () => (await listGroups(sql, by, { limit: 10 })).items.map(({ members }) => members);
  expect(await counts()).toEqual([3, 2]);
  expect(await changeMembers(deps(), by, b.groupId, { add: [ann!, bob!], remove: [dee!] })).toMatchObject({
    members: 2,
  });
  const merging = { tid, from: bob!, into: cy! };
  await sql.begin((tx) => mergeMemberships.move(tx, merging));
  expect(await counts()).toEqual([2, 2]);
  await sql.begin((tx) => mergeMemberships.moveBack(tx, merging));
  expect(await counts()).toEqual([3, 2]);
  await sql.begin((tx) => membershipsOfUser.erase(tx, { tid, uid: ann! }, 10));
  expect(await counts()).toEqual([2, 1]);
});

test('[MEN-10] a group that is deleted meanwhile is not renamed, and the audit log says nothing of it', async () => {
  const { sql } = database.store;
  const { tid } = await createRoom(database.store);
  const by = { tid, uid: undefined };
  const { groupId } = await createGroup(deps(), by, { name: 'Crew' });
  const other = database.open();
  const { renaming } = await other.sql.begin(async (tx) => {
    await tx`delete from user_groups where id = ${groupId}`;
    const renaming = renameGroup(deps(), by, groupId, { name: 'Staff' }).catch((error: unknown) => error);
    await vi.waitUntil(async () => (await lockWaits(other.sql)) === 1, { timeout: 60_000 });
    return { renaming };
  });
  expect(await renaming).toMatchObject({ code: 'not_found' });
  await expect(deleteGroup(deps(), by, groupId)).rejects.toMatchObject({ code: 'not_found' });
  const audited = await sql`select action from audit_log where tenant_id = ${tid}`;
  expect(audited.map(({ action }) => action as string)).toEqual(['create_user_group']);
});

test('who is erased while an admin takes members out of a group waits, and neither is refused', async () => {
  const { tid, users } = await createRoom(database.store, { members: 2 });
  const [ann, bob] = users;
  const by = { tid, uid: undefined };
  const { groupId } = await createGroup(deps(), by, { name: 'Crew' });
  await changeMembers(deps(), by, groupId, { add: [ann!, bob!] });
  const other = database.open();
  // As changing members does: the group first, then who is in it.
  const erasing = await other.sql.begin(async (tx) => {
    await tx`select from user_groups where id = ${groupId} for update`;
    const erasure = database.store.sql.begin((own) => membershipsOfUser.erase(own, { tid, uid: ann! }, 10));
    await vi.waitUntil(async () => (await lockWaits(other.sql)) === 1, { timeout: 60_000 });
    await tx`delete from user_group_members where group_id = ${groupId} and user_id = ${ann!}`;
    return { erasure };
  });
  expect(await erasing.erasure).toBe(0);
  expect((await listGroups(database.store.sql, by, { limit: 10 })).items.map(({ members }) => members)).toEqual([1]);
});

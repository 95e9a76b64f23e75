/** SCIM groups. They give roles in the tenant, by the tenant's settings. */
import { randomUUID } from 'node:crypto';
import type { TenantRole } from '@messagecore/protocol/features';
import { and, eq } from 'drizzle-orm';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { giveTenantRole } from '../../core/users/give-tenant-role.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, now } from '../../platform/database/expressions.ts';
import { equalTo, filtered, type ListQuery, page, ScimError, type ScimGroup, showGroup } from './schema.ts';
import { scimGroups, scimMembers, scimSettings, scimUsers } from './tables.ts';
import { type Caller, directoryOf } from './users.ts';

/** Of one tenant, and members of one group. */
const MOST = { groups: 1_000, members: 10_000 };

const isGroup = (tid: string, id: string) => and(eq(scimGroups.tenantId, tid), eq(scimGroups.id, id));

type Row = typeof scimGroups.$inferSelect;

function viewOf({ id, displayName, externalId, createdAt, modifiedAt }: Row, members: readonly string[]): ScimGroup {
  return showGroup({
    ...{ id, displayName, ...(externalId !== null && { externalId }) },
    members: members.map((value) => ({ value, type: 'User' })),
    meta: { created: createdAt, lastModified: modifiedAt },
  });
}

/** Throws a ScimError. */
export async function getGroup(sql: Sql | Transaction, tid: string, id: string): Promise<ScimGroup> {
  const [row] = await db(sql).select().from(scimGroups).where(isGroup(tid, id));
  if (row === undefined) throw new ScimError(404, `there is no group ${id}`);
  return viewOf(row, (await membersOf(sql, tid, [id])).get(id) ?? []);
}

export async function listGroups(sql: Sql, tid: string, query: ListQuery): Promise<object> {
  const name = equalTo(query.filter, 'displayName');
  const rows = await db(sql)
    .select()
    .from(scimGroups)
    .where(and(eq(scimGroups.tenantId, tid), name === undefined ? undefined : eq(scimGroups.displayName, name)))
    .orderBy(scimGroups.displayName)
    .limit(MOST.groups);
  const members = await membersOf(
    sql,
    tid,
    rows.map(({ id }) => id),
  );
  const groups = rows.map((row) => viewOf(row, members.get(row.id) ?? []));
  return page(name === undefined ? filtered(groups, query.filter) : groups, query);
}

export async function addGroup(sql: Sql, by: Caller, resource: ScimGroup): Promise<ScimGroup> {
  const id = randomUUID();
  await sql.begin(async (tx) => {
    const { displayName, externalId = null } = resource;
    const { count } = await db(tx)
      .insert(scimGroups)
      .values({ tenantId: by.tid, id, displayName, externalId })
      .onConflictDoNothing();
    if (count === 0) throw new ScimError(409, 'there is a group of this name', 'uniqueness');
    await setMembers(tx, by, id, resource);
    await audit(tx, by, 'create_group', id, { displayName });
  });
  return getGroup(sql, by.tid, id);
}

export async function replaceGroup(sql: Sql, by: Caller, id: string, resource: ScimGroup): Promise<ScimGroup> {
  const { tid } = by;
  await sql.begin(async (tx) => {
    const { displayName, externalId = null } = resource;
    const [other] = await db(tx)
      .select({ id: scimGroups.id })
      .from(scimGroups)
      .where(and(eq(scimGroups.tenantId, tid), eq(scimGroups.displayName, displayName)));
    if (other !== undefined && other.id !== id) throw new ScimError(409, 'there is a group of this name', 'uniqueness');
    const { count } = await db(tx)
      .update(scimGroups)
      .set({ displayName, externalId, modifiedAt: now() })
      .where(isGroup(tid, id));
    if (count === 0) throw new ScimError(404, `there is no group ${id}`);
    await setMembers(tx, by, id, resource);
    await audit(tx, by, 'update_group', id, { displayName });
  });
  return getGroup(sql, tid, id);
}

export async function removeGroup(sql: Sql, by: Caller, id: string): Promise<void> {
  const { tid } = by;
  await sql.begin(async (tx) => {
    const members = (await membersOf(tx, tid, [id])).get(id) ?? [];
    await db(tx)
      .delete(scimMembers)
      .where(and(eq(scimMembers.tenantId, tid), eq(scimMembers.groupId, id)));
    const { count } = await db(tx).delete(scimGroups).where(isGroup(tid, id));
    if (count === 0) throw new ScimError(404, `there is no group ${id}`);
    await giveRoles(tx, directoryOf(by), members);
    await audit(tx, by, 'remove_group', id, null);
  });
}

async function membersOf(
  sql: Sql | Transaction,
  tid: string,
  groups: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await db(sql)
    .select({ group: scimMembers.groupId, uid: scimMembers.userId })
    .from(scimMembers)
    .where(and(eq(scimMembers.tenantId, tid), isAnyOf(scimMembers.groupId, [...groups])))
    .orderBy(scimMembers.userId);
  const members = new Map<string, string[]>();
  for (const { group, uid } of rows) members.set(group, [...(members.get(group) ?? []), uid]);
  return members;
}

async function setMembers(tx: Transaction, by: Caller, id: string, { members = [] }: ScimGroup): Promise<void> {
  const { tid } = by;
  const wanted = new Set((members as { value?: string }[]).flatMap(({ value }) => value ?? []));
  if (wanted.size > MOST.members) throw new ScimError(400, `a group has at most ${MOST.members} members`, 'tooMany');
  await refuseStrangers(tx, tid, [...wanted]);
  const before = new Set((await membersOf(tx, tid, [id])).get(id) ?? []);
  const gone = [...before].filter((uid) => !wanted.has(uid));
  const come = [...wanted].filter((uid) => !before.has(uid));
  const isOf = and(eq(scimMembers.tenantId, tid), eq(scimMembers.groupId, id));
  if (gone.length > 0)
    await db(tx)
      .delete(scimMembers)
      .where(and(isOf, isAnyOf(scimMembers.userId, gone)));
  if (come.length > 0) {
    await db(tx)
      .insert(scimMembers)
      .values(come.map((userId) => ({ tenantId: tid, groupId: id, userId })));
  }
  await giveRoles(tx, directoryOf(by), [...gone, ...come]);
}

/** Only users of the tenant's own directory are members. */
async function refuseStrangers(tx: Transaction, tid: string, users: readonly string[]): Promise<void> {
  const notIds = users.find((uid) => !/^[0-9a-f-]{36}$/i.test(uid));
  const known = await db(tx)
    .select({ uid: scimUsers.userId })
    .from(scimUsers)
    .where(and(eq(scimUsers.tenantId, tid), isAnyOf(scimUsers.userId, notIds === undefined ? [...users] : [])));
  const ids = new Set(known.map(({ uid }) => uid));
  const stranger = notIds ?? users.find((uid) => !ids.has(uid));
  if (stranger !== undefined) throw new ScimError(400, `members: there is no user ${stranger}`, 'invalidValue');
}

/** Gives each user the role of their groups. Who has none keeps their role, unless it came of a group. */
export async function giveRoles(tx: Transaction, by: Reader, users: readonly string[]): Promise<void> {
  if (users.length === 0) return;
  const { tid } = by;
  const [settings] = await db(tx).select().from(scimSettings).where(eq(scimSettings.tenantId, tid));
  const rules = settings?.roles ?? [];
  const rows = await db(tx)
    .select({ uid: scimUsers.userId, roleGiven: scimUsers.roleGiven, group: scimGroups.displayName })
    .from(scimUsers)
    .leftJoin(scimMembers, and(eq(scimMembers.tenantId, scimUsers.tenantId), eq(scimMembers.userId, scimUsers.userId)))
    .leftJoin(scimGroups, and(eq(scimGroups.tenantId, scimMembers.tenantId), eq(scimGroups.id, scimMembers.groupId)))
    .where(and(eq(scimUsers.tenantId, tid), isAnyOf(scimUsers.userId, [...users])));
  for (const [uid, own] of Map.groupBy(rows, (row) => row.uid)) {
    const role = rules.find(({ group }) => own.some((row) => row.group === group))?.role as TenantRole | undefined;
    const [{ roleGiven } = { roleGiven: false }] = own;
    if (role === undefined && !roleGiven) continue;
    await giveTenantRole(tx, by, { tid, uid }, role ?? 'member');
    await db(tx)
      .update(scimUsers)
      .set({ roleGiven: role !== undefined })
      .where(and(eq(scimUsers.tenantId, tid), eq(scimUsers.userId, uid)));
  }
}

function audit(tx: Transaction, by: Caller, action: string, id: string, after: object | null): Promise<void> {
  return auditCaller(tx, directoryOf(by), { action, target: `group:${id}`, after });
}

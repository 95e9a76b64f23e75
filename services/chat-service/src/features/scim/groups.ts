/** SCIM groups. They give roles in the tenant, by the tenant's settings. */
import { randomUUID } from 'node:crypto';
import { and, count, eq, gt, sql as part } from '../../platform/database/drizzle.ts';
import { appendAudits } from '../../platform/audit/audit-log.ts';
import type { AuditEntry } from '../../platform/audit/entry.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, now } from '../../platform/database/expressions.ts';
import { type Caller, changeDirectory, entryOf, MOST, type ScimDeps } from './directory.ts';
import { giveRoles } from './give-roles.ts';
import { list, type Source } from './list.ts';
import type { ListQuery } from './query.ts';
import { isId, type ScimGroup, showGroup, USERS } from './schema.ts';
import { ScimError } from './scim-error.ts';
import { scimGroups, scimMembers, scimUsers } from './tables.ts';

const isGroup = (tid: string, id: string) => and(eq(scimGroups.tenantId, tid), eq(scimGroups.id, id));

type Row = typeof scimGroups.$inferSelect;

const plainOf = (
  { id, displayName, externalId, createdAt, modifiedAt }: Row,
  members: readonly string[] | undefined = [],
) => ({
  ...{ id, displayName, ...(externalId !== null && { externalId }) },
  members: members.map((value) => ({ value, type: 'User', $ref: `${USERS}/${value}` })),
  meta: { resourceType: 'Group', created: createdAt, lastModified: modifiedAt },
});
type Plain = ReturnType<typeof plainOf>;

/** Throws a ScimError. */
export async function getGroup(sql: Sql | Transaction, tid: string, id: string): Promise<ScimGroup> {
  const [row] = await db(sql).select().from(scimGroups).where(isGroup(tid, id));
  if (row === undefined) throw new ScimError(404, `there is no group ${id}`);
  return showGroup(plainOf(row, (await membersOf(sql, tid, [id])).get(id)));
}

/** By name. An answer ends before it has more members than one group may have. */
export function listGroups(sql: Sql, tid: string, query: ListQuery): Promise<object> {
  return list(groupsOf(sql, tid), query);
}

function groupsOf(sql: Sql, tid: string): Source<Plain> {
  const isOf = eq(scimGroups.tenantId, tid);
  /** What was read and counted, and did not fit: the next piece begins with it. */
  let left: { readonly after: string | undefined; readonly rows: readonly Counted[] } = { after: undefined, rows: [] };
  return {
    equal: {
      displayName: (value) => eq(scimGroups.displayName, value),
      externalId: (value) => eq(scimGroups.externalId, value),
      id: (value) => (isId(value) ? eq(scimGroups.id, value.toLowerCase()) : part`false`),
    },
    async count(where) {
      const [row] = await db(sql).select({ count: count() }).from(scimGroups).where(and(isOf, where));
      return row?.count ?? 0;
    },
    async read({ where, after, offset = 0, limit }) {
      const readMore = () =>
        db(sql)
          .select()
          .from(scimGroups)
          .where(and(isOf, where, after === undefined ? undefined : gt(scimGroups.displayName, after)))
          .orderBy(scimGroups.displayName)
          .limit(limit)
          .offset(offset);
      const isNext = left.rows.length > 0 && left.after === after;
      const rows = isNext ? left.rows : await counted(sql, tid, await readMore());
      const some = asManyAsFit(rows);
      left = { after: some.at(-1)?.displayName, rows: rows.slice(some.length) };
      const members = await membersOf(
        sql,
        tid,
        some.map(({ id }) => id),
      );
      return some.map((row) => ({ key: row.displayName, resource: plainOf(row, members.get(row.id)) }));
    },
    show: showGroup,
    fits: (shown, one) => shown.length === 0 || sumOf([...shown, one].map(sizeOf)) <= MOST.members,
  };
}

const sizeOf = ({ members }: Plain) => members.length;
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

type Counted = Row & { readonly size: number };

async function counted(sql: Sql, tid: string, rows: readonly Row[]): Promise<readonly Counted[]> {
  const ids = rows.map(({ id }) => id);
  const counts = await db(sql)
    .select({ id: scimMembers.groupId, count: count() })
    .from(scimMembers)
    .where(and(eq(scimMembers.tenantId, tid), isAnyOf(scimMembers.groupId, ids)))
    .groupBy(scimMembers.groupId);
  const sizes = new Map(counts.map((row) => [row.id, row.count]));
  return rows.map((row) => ({ ...row, size: sizes.get(row.id) ?? 0 }));
}

/** The first ones, and at least one of them, that have no more members together than one group may have. */
function asManyAsFit(rows: readonly Counted[]): readonly Counted[] {
  let sum = 0;
  const end = rows.findIndex(({ size }, n) => (sum += size) > MOST.members && n > 0);
  return end === -1 ? rows : rows.slice(0, end);
}

export function addGroup(deps: ScimDeps, by: Caller, resource: ScimGroup): Promise<ScimGroup> {
  const { tid } = by;
  const id = randomUUID();
  return changeDirectory(deps, tid, async ({ tx }) => {
    const [present] = await db(tx).select({ count: count() }).from(scimGroups).where(eq(scimGroups.tenantId, tid));
    if ((present?.count ?? 0) >= MOST.groups) throw new ScimError(403, `a directory has at most ${MOST.groups} groups`);
    const { displayName, externalId = null } = resource;
    const { count: added } = await db(tx)
      .insert(scimGroups)
      .values({ tenantId: tid, id, displayName, externalId })
      .onConflictDoNothing();
    if (added === 0) throw new ScimError(409, 'there is a group of this name', 'uniqueness');
    const roles = await setMembers(tx, by, id, resource);
    await appendAudits(tx, tid, [...roles, entryOf(by, 'create_group', `group:${id}`, { displayName })]);
    return getGroup(tx, tid, id);
  });
}

/** It becomes what `edit` makes of it; undefined leaves it. */
export function changeGroup(
  deps: ScimDeps,
  by: Caller,
  id: string,
  edit: (current: ScimGroup) => Promise<ScimGroup | undefined>,
): Promise<ScimGroup> {
  const { tid } = by;
  return changeDirectory(deps, tid, async ({ tx }) => {
    const current = await getGroup(tx, tid, id);
    const { displayName: before } = current;
    const resource = await edit(current);
    if (resource === undefined) return getGroup(tx, tid, id);
    const { displayName, externalId = null } = resource;
    const [other] = await db(tx)
      .select({ id: scimGroups.id })
      .from(scimGroups)
      .where(and(eq(scimGroups.tenantId, tid), eq(scimGroups.displayName, displayName)));
    if (other !== undefined && other.id !== id) throw new ScimError(409, 'there is a group of this name', 'uniqueness');
    await db(tx).update(scimGroups).set({ displayName, externalId, modifiedAt: now() }).where(isGroup(tid, id));
    const roles = await setMembers(tx, by, id, resource, displayName !== before);
    await appendAudits(tx, tid, [...roles, entryOf(by, 'update_group', `group:${id}`, { displayName })]);
    return getGroup(tx, tid, id);
  });
}

export function removeGroup(deps: ScimDeps, by: Caller, id: string): Promise<void> {
  const { tid } = by;
  return changeDirectory(deps, tid, async ({ tx }) => {
    const members = (await membersOf(tx, tid, [id])).get(id) ?? [];
    await db(tx)
      .delete(scimMembers)
      .where(and(eq(scimMembers.tenantId, tid), eq(scimMembers.groupId, id)));
    const { count: removed } = await db(tx).delete(scimGroups).where(isGroup(tid, id));
    if (removed === 0) throw new ScimError(404, `there is no group ${id}`);
    const roles = await giveRoles(tx, by, members);
    await appendAudits(tx, tid, [...roles, entryOf(by, 'remove_group', `group:${id}`, null)]);
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
  for (const [group, own] of Map.groupBy(rows, (row) => row.group))
    members.set(
      group,
      own.map(({ uid }) => uid),
    );
  return members;
}

/** Returns what the tenant's log is to say of their roles. Those who stay have others in a group of another name. */
async function setMembers(
  tx: Transaction,
  by: Caller,
  id: string,
  { members = [] }: ScimGroup,
  isRenamed = false,
): Promise<readonly AuditEntry[]> {
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
  return giveRoles(tx, by, isRenamed ? [...new Set([...before, ...wanted])] : [...gone, ...come]);
}

/** Only users of the tenant's own directory are members. */
async function refuseStrangers(tx: Transaction, tid: string, users: readonly string[]): Promise<void> {
  const notIds = users.find((uid) => !isId(uid));
  const known = await db(tx)
    .select({ uid: scimUsers.userId })
    .from(scimUsers)
    .where(and(eq(scimUsers.tenantId, tid), isAnyOf(scimUsers.userId, notIds === undefined ? [...users] : [])));
  const ids = new Set(known.map(({ uid }) => uid));
  const stranger = notIds ?? users.find((uid) => !ids.has(uid));
  if (stranger !== undefined) throw new ScimError(400, `members: there is no user ${stranger}`, 'invalidValue');
}

/** Roles in the tenant, as its groups and settings say. */
import { and, eq, ne, or, sql as part } from '../../platform/database/drizzle.ts';
import { checkKeyReaches } from '../../core/permissions/tenant-roles.ts';
import { giveTenantRoles, lockRoles, type RoleChange } from '../../core/users/give-tenant-roles.ts';
import { users } from '../../core/users/tables.ts';
import type { AuditEntry } from '../../platform/audit/entry.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf } from '../../platform/database/expressions.ts';
import { byDirectory, type Caller } from './directory.ts';
import { scimGroups, scimMembers, scimSettings, scimUsers } from './tables.ts';

/** Whom a row of the directory means: of a merged user, the survivor. */
export const survivor = part<string>`coalesce(${users.mergedInto}, ${users.id})`;

/**
 * Gives each user the role of their groups. Who has none keeps their role, unless it came of a group; owners stay what they
 * are. The tenant is locked. Returns what its log is to say, which is appended last. Throws `forbidden` for a key that does
 * not reach who is an admin, or would become one.
 */
export async function giveRoles(tx: Transaction, by: Caller, ids: readonly string[]): Promise<AuditEntry[]> {
  if (ids.length === 0) return [];
  const { tid } = by;
  const [settings] = await db(tx).select().from(scimSettings).where(eq(scimSettings.tenantId, tid));
  const rules = settings?.roles ?? [];
  const [given, taken]: [string[], string[]] = [[], []];
  const changes: RoleChange[] = [];
  const people = await survivorsOf(tx, tid, ids);
  const roles = await lockRoles(tx, tid, people);
  for (const [uid, own] of Map.groupBy(await groupsOf(tx, tid, people), (row) => row.uid)) {
    const before = roles.get(uid);
    if (before === undefined) continue;
    const named = rules.find(({ group }) => own.some((row) => row.group === group))?.role as GivenRole | undefined;
    const role = before === 'owner' ? undefined : named;
    if (role === undefined && !own.some(({ roleGiven }) => roleGiven)) continue;
    (role === undefined ? taken : given).push(...own.map(({ id }) => id));
    const next = role ?? 'member';
    if (before === 'owner' || before === next) continue;
    checkKeyReaches(by, before, next);
    changes.push({ uid, before, role: next });
  }
  await note(tx, tid, given, true);
  await note(tx, tid, taken, false);
  return giveTenantRoles(tx, byDirectory(by), changes);
}

type GivenRole = RoleChange['role'];

async function survivorsOf(tx: Transaction, tid: string, ids: readonly string[]): Promise<string[]> {
  const rows = await db(tx)
    .selectDistinct({ uid: survivor })
    .from(users)
    .where(and(eq(users.tenantId, tid), isAnyOf(users.id, [...ids])));
  return rows.map(({ uid }) => uid);
}

/** A row for each group of each of them, and one for whoever is in none. */
function groupsOf(tx: Transaction, tid: string, people: string[]) {
  return db(tx)
    .select({ uid: survivor, id: scimUsers.userId, roleGiven: scimUsers.roleGiven, group: scimGroups.displayName })
    .from(scimUsers)
    .innerJoin(users, eq(users.id, scimUsers.userId))
    .leftJoin(scimMembers, and(eq(scimMembers.tenantId, scimUsers.tenantId), eq(scimMembers.userId, scimUsers.userId)))
    .leftJoin(scimGroups, and(eq(scimGroups.tenantId, scimMembers.tenantId), eq(scimGroups.id, scimMembers.groupId)))
    .where(and(eq(scimUsers.tenantId, tid), or(isAnyOf(users.id, people), isAnyOf(users.mergedInto, people))));
}

async function note(tx: Transaction, tid: string, ids: readonly string[], roleGiven: boolean): Promise<void> {
  if (ids.length === 0) return;
  await db(tx)
    .update(scimUsers)
    .set({ roleGiven })
    .where(
      and(
        eq(scimUsers.tenantId, tid),
        isAnyOf(scimUsers.userId, [...new Set(ids)]),
        ne(scimUsers.roleGiven, roleGiven),
      ),
    );
}

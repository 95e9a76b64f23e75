/** Roles in the tenant, as its groups and settings say. */
import type { TenantRole } from '@messagecore/protocol/features';
import { and, eq, ne, or, sql as part } from 'drizzle-orm';
import { giveTenantRole } from '../../core/users/give-tenant-role.ts';
import { users } from '../../core/users/tables.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf } from '../../platform/database/expressions.ts';
import { scimGroups, scimMembers, scimSettings, scimUsers } from './tables.ts';

/** Whom a row of the directory means: of a merged user, the survivor. */
export const survivor = part<string>`coalesce(${users.mergedInto}, ${users.id})`;

/**
 * Gives each user the role of their groups. Who has none keeps their role, unless it came of a group; owners stay what they
 * are. The tenant is locked.
 */
export async function giveRoles(tx: Transaction, tid: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const [settings] = await db(tx).select().from(scimSettings).where(eq(scimSettings.tenantId, tid));
  const rules = settings?.roles ?? [];
  const [given, taken]: [string[], string[]] = [[], []];
  const people = await survivorsOf(tx, tid, ids);
  const roles = await rolesOf(tx, tid, people);
  for (const [uid, own] of Map.groupBy(await groupsOf(tx, tid, people), (row) => row.uid)) {
    const current = roles.get(uid);
    if (current === undefined) continue;
    const named = rules.find(({ group }) => own.some((row) => row.group === group))?.role as TenantRole | undefined;
    const role = current === 'owner' ? undefined : named;
    if (role !== undefined) given.push(...own.map(({ id }) => id));
    if (role === undefined && !own.some(({ roleGiven }) => roleGiven)) continue;
    if (role === undefined) taken.push(...own.map(({ id }) => id));
    const next = role ?? 'member';
    if (current !== 'owner' && current !== next) {
      await giveTenantRole(tx, { tid, uid: undefined }, { tid, uid }, next);
    }
  }
  await note(tx, tid, given, true);
  await note(tx, tid, taken, false);
}

async function survivorsOf(tx: Transaction, tid: string, ids: readonly string[]): Promise<string[]> {
  const rows = await db(tx)
    .selectDistinct({ uid: survivor })
    .from(users)
    .where(and(eq(users.tenantId, tid), isAnyOf(users.id, [...ids])));
  return rows.map(({ uid }) => uid);
}

async function rolesOf(tx: Transaction, tid: string, people: string[]): Promise<Map<string, TenantRole>> {
  const rows = await db(tx)
    .select({ uid: users.id, role: users.role })
    .from(users)
    .where(and(eq(users.tenantId, tid), isAnyOf(users.id, people), ne(users.status, 'deleted')));
  return new Map(rows.map(({ uid, role }) => [uid, role]));
}

/** A row for each group of each of them, and one for whoever is in none. */
function groupsOf(tx: Transaction, tid: string, people: string[]) {
  return db(tx)
    .select({ uid: survivor, id: scimUsers.userId, roleGiven: scimUsers.roleGiven, group: scimGroups.displayName })
    .from(scimUsers)
    .innerJoin(users, eq(users.id, scimUsers.userId))
    .leftJoin(scimMembers, and(eq(scimMembers.tenantId, scimUsers.tenantId), eq(scimMembers.userId, scimUsers.userId)))
    .leftJoin(scimGroups, and(eq(scimGroups.tenantId, scimMembers.tenantId), eq(scimGroups.id, scimMembers.groupId)))
    .where(
      and(eq(scimUsers.tenantId, tid), or(isAnyOf(users.id, people), isAnyOf(users.mergedInto, people as string[]))),
    );
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

/** Roles in the tenant of many users at once, by the service itself. */
import type { TenantRole } from '@messagecore/protocol/features';
import { and, eq, ne } from '../../platform/database/drizzle.ts';
import type { AuditEntry } from '../../platform/audit/entry.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, now } from '../../platform/database/expressions.ts';
import { users } from './tables.ts';
import { tellOfChanges } from './user-changed.job.ts';

/** The roles of those who are not erased, whom nobody else changes until the transaction ends. The tenant is locked. */
export async function lockRoles(
  tx: Transaction,
  tid: string,
  uids: readonly string[],
): Promise<ReadonlyMap<string, TenantRole>> {
  const rows = await db(tx)
    .select({ uid: users.id, role: users.role })
    .from(users)
    .where(and(eq(users.tenantId, tid), isAnyOf(users.id, [...uids]), ne(users.status, 'deleted')))
    .orderBy(users.id)
    .for('no key update');
  return new Map(rows.map(({ uid, role }) => [uid, role]));
}

export interface RoleChange {
  readonly uid: string;
  readonly before: TenantRole;
  readonly role: Exclude<TenantRole, 'owner'>;
}

/** Of users who are locked, and no owners. Returns what the tenant's log is to say, which is appended last. */
export async function giveTenantRoles(
  tx: Transaction,
  by: Pick<AuditEntry, 'actor' | 'address'> & { readonly tid: string },
  changes: readonly RoleChange[],
): Promise<AuditEntry[]> {
  for (const [role, some] of Map.groupBy(changes, (change) => change.role)) {
    const ids = some.map(({ uid }) => uid);
    await db(tx)
      .update(users)
      .set({ role, updatedAt: now() })
      .where(and(isAnyOf(users.id, ids), ne(users.role, 'owner')));
  }
  await tellOfChanges(
    tx,
    by.tid,
    changes.map(({ uid }) => uid),
  );
  return changes.map(({ uid, before, role }) => ({
    ...{ actor: by.actor, address: by.address, action: 'give_tenant_role', target: `user:${uid}` },
    ...{ before: { role: before }, after: { role } },
  }));
}

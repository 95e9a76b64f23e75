import { ChatError } from '@messagecore/protocol';
import { type TenantRole } from '@messagecore/protocol/features';
import { and, eq, ne } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, now } from '../../platform/database/expressions.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import { checkKeyReaches, checkMayGiveTenantRole } from '../permissions/tenant-roles.ts';
import { lockTenant } from '../tenants/lock-tenant.ts';
import { auditUser } from './audit-user.ts';
import { users } from './tables.ts';
import { keepOneOwner } from './tenant-owners.ts';
import { tellOfChange } from './user-changed.job.ts';

/**
 * Gives a user a role in the tenant. Changes of a tenant's roles run one at a time, so that of two at once the second sees
 * the first, and one owner stays. Throws `forbidden`; `not_found` for an erased user.
 */
export async function giveTenantRole(
  tx: Transaction,
  caller: Reader,
  { tid, uid }: Actor,
  role: TenantRole,
): Promise<void> {
  const { uid: actor } = caller;
  await lockTenant(tx, tid);
  const roles = await rolesOf(tx, tid, actor === undefined ? [uid] : [uid, actor]);
  const current = roles.get(uid);
  if (current === undefined) throw new ChatError('not_found', 'no such user');
  const giver = actor === undefined ? 'service' : (roles.get(actor) ?? 'guest');
  checkMayGiveTenantRole(giver, current, role);
  if (current === role) return;
  checkKeyReaches(caller, current, role);
  if (current === 'owner') await keepOneOwner(tx, { tid, uid });
  await db(tx).update(users).set({ role, updatedAt: now() }).where(eq(users.id, uid));
  await tellOfChange(tx, { tid, uid });
  const change = { before: { role: current }, after: { role } };
  await auditUser(tx, caller, { action: 'give_tenant_role', target: `user:${uid}`, ...change });
}

async function rolesOf(tx: Transaction, tid: string, ids: readonly string[]): Promise<Map<string, TenantRole>> {
  const rows = await db(tx)
    .select({ id: users.id, role: users.role })
    .from(users)
    .where(and(eq(users.tenantId, tid), isAnyOf(users.id, [...ids]), ne(users.status, 'deleted')));
  return new Map(rows.map(({ id, role }) => [id, role]));
}

import { ChatError } from '@messagecore/protocol';
import { type TenantRole } from '@messagecore/protocol/features';
import { and, eq, ne } from 'drizzle-orm';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, now } from '../../platform/database/expressions.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import { checkKeyReaches, checkMayGiveTenantRole } from '../permissions/tenant-roles.ts';
import { tenants } from '../tenants/tables.ts';
import { auditUser } from './audit-user.ts';
import { users } from './tables.ts';

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
  await db(tx).select({ id: tenants.id }).from(tenants).where(eq(tenants.id, tid)).for('no key update');
  const roles = await rolesOf(tx, tid, actor === undefined ? [uid] : [uid, actor]);
  const current = roles.get(uid);
  if (current === undefined) throw new ChatError('not_found', 'no such user');
  const giver = actor === undefined ? 'service' : (roles.get(actor) ?? 'guest');
  checkMayGiveTenantRole(giver, current, role);
  if (current === role) return;
  checkKeyReaches(caller, current, role);
  if (current === 'owner') await keepOneOwner(tx, tid, uid);
  await db(tx).update(users).set({ role, updatedAt: now() }).where(eq(users.id, uid));
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

async function keepOneOwner(tx: Transaction, tid: string, uid: string): Promise<void> {
  const isAnother = and(
    ...[eq(users.tenantId, tid), eq(users.role, 'owner'), eq(users.status, 'active'), ne(users.id, uid)],
  );
  const [another] = await db(tx).select({ id: users.id }).from(users).where(isAnother).limit(1);
  if (another === undefined) throw new ChatError('forbidden', 'the last owner of the tenant stays');
}

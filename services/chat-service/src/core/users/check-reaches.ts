import { and, eq } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import { checkKeyReaches } from '../permissions/tenant-roles.ts';
import { users } from './tables.ts';

/** Locks the user for a key without the scope `admin`, and throws `forbidden` where that does not reach them. */
export async function checkReaches(tx: Transaction, caller: Reader, { tid, uid }: Actor): Promise<void> {
  if (caller.administers !== false) return;
  const [user] = await db(tx)
    .select({ role: users.role })
    .from(users)
    .where(and(eq(users.tenantId, tid), eq(users.id, uid)))
    .for('no key update');
  if (user !== undefined) checkKeyReaches(caller, user.role);
}

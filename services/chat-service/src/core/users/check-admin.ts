import { ChatError } from '@messagecore/protocol';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { Actor, Reader } from '../identity/caller.ts';
import { checkKeyReaches } from '../permissions/tenant-roles.ts';
import { users } from './tables.ts';

/**
 * Throws `forbidden` for a user who is neither owner nor admin of the tenant, and for a key without the scope `admin` that acts
 * for one who is.
 */
export async function checkAdmin(sql: Sql, caller: Reader & Actor): Promise<void> {
  const { tid, uid } = caller;
  const [user] = await db(sql)
    .select({ role: users.role })
    .from(users)
    .where(and(eq(users.id, uid), eq(users.tenantId, tid), eq(users.status, 'active')));
  if (user?.role === 'owner' || user?.role === 'admin') return checkKeyReaches(caller, user.role);
  throw new ChatError('forbidden', 'only owners and admins of the tenant may do this');
}

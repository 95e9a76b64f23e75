import { ChatError } from '@messagecore/protocol';
import { and, eq } from 'drizzle-orm';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { users } from './tables.ts';

/** Throws `forbidden` for a user who is neither owner nor admin of the tenant. */
export async function checkAdmin(
  sql: Sql,
  { tid, uid }: { readonly tid: string; readonly uid: string },
): Promise<void> {
  const [user] = await db(sql)
    .select({ role: users.role })
    .from(users)
    .where(and(eq(users.id, uid), eq(users.tenantId, tid), eq(users.status, 'active')));
  if (user?.role === 'owner' || user?.role === 'admin') return;
  throw new ChatError('forbidden', 'only owners and admins of the tenant may do this');
}

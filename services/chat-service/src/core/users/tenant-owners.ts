/**
 * One active owner of a tenant stays, whoever would take the last one: users, the directory, the back end (PERM-11). The tenant
 * is locked: of two owners who go at once the second sees that the first has gone.
 */
import { ChatError } from '@messagecore/protocol';
import { and, eq, ne } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { Actor } from '../identity/caller.ts';
import { users } from './tables.ts';

/** Under `lockTenant`, before the user's account ends. Throws `forbidden` for the last active owner of the tenant. */
export async function keepActiveOwner(tx: Transaction, { tid, uid }: Actor): Promise<void> {
  const [owner] = await db(tx)
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, uid), isActiveOwner(tid)));
  if (owner !== undefined) await keepOneOwner(tx, { tid, uid });
}

/** Under `lockTenant`. Throws `forbidden` when no other owner of the tenant is active. */
export async function keepOneOwner(tx: Transaction, { tid, uid }: Actor): Promise<void> {
  const [another] = await db(tx)
    .select({ id: users.id })
    .from(users)
    .where(and(isActiveOwner(tid), ne(users.id, uid)))
    .limit(1);
  if (another === undefined) throw new ChatError('forbidden', 'the last owner of the tenant stays');
}

const isActiveOwner = (tid: string) =>
  and(eq(users.tenantId, tid), eq(users.role, 'owner'), eq(users.status, 'active'));

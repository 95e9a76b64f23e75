import { ChatError } from '@messagecore/protocol';
import { and, eq } from '../../platform/database/drizzle.ts';
import { users } from '../../core/users/tables.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { UsableProvider } from './find-provider.ts';

/**
 * Throws `forbidden` for an owner, by a provider that the tenant keeps: an admin who is no owner keeps such a provider, and would
 * become one by it.
 */
export async function refuseOwner(
  tx: Transaction,
  { tid, keptBy }: Pick<UsableProvider, 'tid' | 'keptBy'>,
  uid: string,
): Promise<void> {
  if (keptBy === 'operator') return;
  const isOwner = and(eq(users.tenantId, tid), eq(users.id, uid), eq(users.role, 'owner'));
  const [owner] = await db(tx).select({ id: users.id }).from(users).where(isOwner);
  if (owner === undefined) return;
  throw new ChatError('forbidden', 'only a provider that the operator keeps lets an owner of the tenant in');
}

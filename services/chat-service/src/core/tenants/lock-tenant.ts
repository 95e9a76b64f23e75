import { ChatError } from '@messagecore/protocol';
import { eq } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { tenants } from './tables.ts';
import { isTenant } from './tenant-queries.ts';

/**
 * What takes it runs one at a time for each tenant. It comes before the locks of the tenant's users and of its log. Throws
 * `not_found`, for a deleted tenant too unless `alsoDeleted`.
 */
export async function lockTenant(tx: Transaction, tid: string, { alsoDeleted = false } = {}): Promise<void> {
  const isIt = alsoDeleted ? eq(tenants.id, tid) : isTenant(tid);
  const [tenant] = await db(tx).select({ id: tenants.id }).from(tenants).where(isIt).for('no key update');
  if (tenant === undefined) throw new ChatError('not_found', 'no such tenant');
}

import { ChatError } from '@messagecore/protocol';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { tenants } from './tables.ts';
import { isTenant } from './tenant-queries.ts';

/**
 * What takes it runs one at a time for each tenant. It comes before the locks of the tenant's users and of its log. Throws
 * `not_found`, also for a deleted tenant.
 */
export async function lockTenant(tx: Transaction, tid: string): Promise<void> {
  const [tenant] = await db(tx).select({ id: tenants.id }).from(tenants).where(isTenant(tid)).for('no key update');
  if (tenant === undefined) throw new ChatError('not_found', 'no such tenant');
}

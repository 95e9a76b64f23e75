import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { type By, auditTenant } from './audit-tenant.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { tenantEvent } from '../outbox/events.ts';
import { tenants } from './tables.ts';
import { isTenant } from './tenant-queries.ts';

/**
 * Suspends or reactivates a tenant. From the commit on, its keys and tokens are refused everywhere, since every request
 * asks PostgreSQL; open sessions end when gateways receive the event. Doing it again changes nothing but publishes the
 * event again. Throws `not_found`.
 */
export async function setTenantStatus(
  sql: Sql,
  publishEvents: PublishEvents,
  by: By,
  tid: string,
  status: 'active' | 'suspended',
): Promise<void> {
  await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const [before] = await db(tx)
      .select({ status: tenants.status })
      .from(tenants)
      .where(isTenant(tid))
      .for('no key update');
    if (before === undefined) throw new ChatError('not_found', 'no such tenant');
    await emit(tenantEvent(tid, { v: 1, event: status === 'suspended' ? 'suspended' : 'reactivated' }));
    if (before.status === status) return;
    await db(tx).update(tenants).set({ status, updatedAt: now() }).where(isTenant(tid));
    await auditTenant(tx, by, tid, status === 'suspended' ? 'suspend' : 'reactivate', before, { status });
  });
}

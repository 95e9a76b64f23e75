import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';
import type { Announcer } from '../outbox/announcer.ts';

/**
 * Suspends or reactivates a tenant. From the commit on, its keys and tokens are refused everywhere, since every request
 * asks PostgreSQL; open sessions end when gateways receive the event. Doing it again changes nothing but publishes the
 * event again. Throws `not_found`.
 */
export async function setTenantStatus(
  sql: Sql,
  announcer: Announcer,
  tid: string,
  status: 'active' | 'suspended',
): Promise<void> {
  const [changed] = await sql`
    update tenants set status = ${status}, updated_at = now() where id = ${tid} and status <> 'deleted' returning id`;
  if (changed === undefined) throw new ChatError('not_found', 'no such tenant');
  announcer.tenant(tid, status === 'suspended' ? 'suspended' : 'reactivated');
}

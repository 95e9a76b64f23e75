import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';
import { type By, auditKey } from './audit-tenant.ts';

/** The key stops working at once. Revoking it again changes nothing. Throws `not_found`. */
export function revokeApiKey(sql: Sql, by: By, tid: string, keyId: string): Promise<void> {
  return sql.begin(async (tx) => {
    const [key] = await tx<{ revoked: boolean }[]>`
      select revoked_at is not null as revoked from api_keys where tenant_id = ${tid} and id = ${keyId}
      for no key update`;
    if (key === undefined) throw new ChatError('not_found', 'no such key');
    if (key.revoked) return;
    await tx`update api_keys set revoked_at = now() where id = ${keyId}`;
    await auditKey(tx, by, tid, keyId, 'revoke');
  });
}

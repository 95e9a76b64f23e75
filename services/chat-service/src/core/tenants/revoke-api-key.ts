import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';

/** The key stops working at once. Revoking it again changes nothing. Throws `not_found`. */
export async function revokeApiKey(sql: Sql, tid: string, keyId: string): Promise<void> {
  const [revoked] = await sql`
    update api_keys set revoked_at = coalesce(revoked_at, now()) where tenant_id = ${tid} and id = ${keyId}
    returning id`;
  if (revoked === undefined) throw new ChatError('not_found', 'no such key');
}

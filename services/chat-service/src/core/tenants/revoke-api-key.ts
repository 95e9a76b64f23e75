import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { isKey } from './api-key-queries.ts';
import { type By, auditKey } from './audit-tenant.ts';
import { apiKeys } from './tables.ts';

/** The key stops working at once. Revoking it again changes nothing. Throws `not_found`. */
export function revokeApiKey(sql: Sql, by: By, tid: string, keyId: string): Promise<void> {
  return sql.begin(async (tx) => {
    const [key] = await db(tx)
      .select({ name: apiKeys.name, scopes: apiKeys.scopes, revokedAt: apiKeys.revokedAt })
      .from(apiKeys)
      .where(isKey(tid, keyId))
      .for('no key update');
    if (key === undefined) throw new ChatError('not_found', 'no such key');
    const { revokedAt, ...before } = key;
    if (revokedAt !== null) return;
    await db(tx).update(apiKeys).set({ revokedAt: now() }).where(isKey(tid, keyId));
    await auditKey(tx, by, tid, keyId, 'revoke', { before });
  });
}

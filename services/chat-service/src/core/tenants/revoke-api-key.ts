import { ChatError } from '@messagecore/protocol';
import { and, eq } from 'drizzle-orm';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { type By, auditKey } from './audit-tenant.ts';
import { apiKeys } from './tables.ts';

/** The key stops working at once. Revoking it again changes nothing. Throws `not_found`. */
export function revokeApiKey(sql: Sql, by: By, tid: string, keyId: string): Promise<void> {
  return sql.begin(async (tx) => {
    const isAsked = and(eq(apiKeys.tenantId, tid), eq(apiKeys.id, keyId));
    const [key] = await db(tx)
      .select({ revokedAt: apiKeys.revokedAt })
      .from(apiKeys)
      .where(isAsked)
      .for('no key update');
    if (key === undefined) throw new ChatError('not_found', 'no such key');
    if (key.revokedAt !== null) return;
    await db(tx).update(apiKeys).set({ revokedAt: now() }).where(isAsked);
    await auditKey(tx, by, tid, keyId, 'revoke');
  });
}

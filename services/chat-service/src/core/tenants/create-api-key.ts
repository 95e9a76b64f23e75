import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { type CreateApiKey } from '@messagecore/protocol/features';
import { type By, auditKey } from './audit-tenant.ts';
import { newApiKey } from './api-keys.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { apiKeys, tenants } from './tables.ts';
import { isTenant } from './tenant-queries.ts';

/** The key itself is in the answer and nowhere else. */
export interface CreatedApiKey {
  readonly keyId: string;
  readonly key: string;
}

/** Adds a key to a tenant. Throws `not_found` when there is no such tenant. */
export function createApiKey(sql: Sql, by: By, tid: string, request: CreateApiKey): Promise<CreatedApiKey> {
  return sql.begin(async (tx) => {
    const [tenant] = await db(tx).select({ id: tenants.id }).from(tenants).where(isTenant(tid)).for('key share');
    if (tenant === undefined) throw new ChatError('not_found', 'no such tenant');
    const made = await insertApiKey(tx, tid, request);
    await auditKey(tx, by, tid, made.keyId, 'create', request);
    return made;
  });
}

export async function insertApiKey(
  tx: Transaction,
  tid: string,
  { name, scopes }: CreateApiKey,
): Promise<CreatedApiKey> {
  const { key, hash, prefix } = newApiKey();
  const keyId = randomUUID();
  await db(tx).insert(apiKeys).values({ id: keyId, tenantId: tid, hash, prefix, name, scopes });
  return { keyId, key };
}

import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { type CreateApiKey } from '@messagecore/protocol/features';
import { and, eq, gt, isNull, or } from '../../platform/database/drizzle.ts';
import { type By, auditKey } from './audit-tenant.ts';
import { newApiKey } from './api-keys.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { momentOf, now } from '../../platform/database/expressions.ts';
import { apiKeys, tenants } from './tables.ts';
import { isTenant } from './tenant-queries.ts';

/** Keys of one tenant that work. */
const MAX_KEYS = 100;

/** The key itself is in the answer and nowhere else. */
export interface CreatedApiKey {
  readonly keyId: string;
  readonly key: string;
}

/**
 * Adds a key to a tenant. Throws `not_found` when there is no such tenant, `bad_request` for an end that is over, and
 * `conflict` when the tenant has as many keys as it may.
 */
export function createApiKey(sql: Sql, by: By, tid: string, request: CreateApiKey): Promise<CreatedApiKey> {
  return sql.begin(async (tx) => {
    await takeRoom(tx, tid);
    const made = await insertApiKey(tx, tid, request);
    await auditKey(tx, by, tid, made.keyId, 'create', { after: request });
    return made;
  });
}

/**
 * Makes sure that the tenant may have one more key; others who add one wait. Throws `not_found`, and `conflict` when it has
 * as many as it may.
 */
export async function takeRoom(tx: Transaction, tid: string): Promise<void> {
  const [tenant] = await db(tx).select({ id: tenants.id }).from(tenants).where(isTenant(tid)).for('no key update');
  if (tenant === undefined) throw new ChatError('not_found', 'no such tenant');
  const works = and(isNull(apiKeys.revokedAt), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now())));
  const present = await db(tx).$count(apiKeys, and(eq(apiKeys.tenantId, tid), works));
  if (present >= MAX_KEYS) throw new ChatError('conflict', `the tenant has ${MAX_KEYS} keys: revoke some`);
}

export async function insertApiKey(
  tx: Transaction,
  tid: string,
  {
    name,
    scopes,
    expiresAt = null,
  }: Pick<CreateApiKey, 'name' | 'scopes'> & { readonly expiresAt?: number | null | undefined },
): Promise<CreatedApiKey> {
  const { key, hash, prefix } = newApiKey();
  const keyId = randomUUID();
  const [made] = await db(tx)
    .insert(apiKeys)
    .values({ id: keyId, tenantId: tid, hash, prefix, name, scopes, expiresAt: momentOf(expiresAt) })
    .returning({ expiresAt: apiKeys.expiresAt, createdAt: apiKeys.createdAt });
  if (made !== undefined && made.expiresAt !== null && made.expiresAt <= made.createdAt) {
    const errors = [{ path: 'expiresAt', message: 'is over' }];
    throw new ChatError('bad_request', 'expiresAt: is over', { errors });
  }
  return { keyId, key };
}

/** API keys, as they are shown: never the key itself. */
import { ChatError } from '@messagecore/protocol';
import { type ApiKey, type Page, type PageQuery } from '@messagecore/protocol/features';
import { and, eq, gt } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { scopesOf } from './scopes.ts';
import { apiKeys } from './tables.ts';
import { getTenant } from './tenant-queries.ts';

export const isKey = (tid: string, keyId: string) => and(eq(apiKeys.tenantId, tid), eq(apiKeys.id, keyId));

const ApiKeyPageKey = z.tuple([z.uuid()]);

/** Revoked and expired ones too. Throws `not_found` when there is no such tenant. */
export async function listApiKeys(sql: Sql, tid: string, { limit, cursor }: PageQuery): Promise<Page<ApiKey>> {
  await getTenant(sql, tid);
  const after = decodeCursor(cursor, ApiKeyPageKey)?.[0];
  const rows = await db(sql)
    .select(keyColumns)
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, tid), after === undefined ? undefined : gt(apiKeys.id, after)))
    .orderBy(apiKeys.id)
    .limit(limit + 1);
  const { items, next } = pageOf(rows, limit, (last) => [last.keyId]);
  return { items: items.map(keyView), next };
}

/** Throws `not_found`. */
export async function getApiKey(sql: Sql, tid: string, keyId: string): Promise<ApiKey> {
  const [row] = await db(sql).select(keyColumns).from(apiKeys).where(isKey(tid, keyId));
  if (row === undefined) throw new ChatError('not_found', 'no such key');
  return keyView(row);
}

const keyColumns = {
  keyId: apiKeys.id,
  name: apiKeys.name,
  prefix: apiKeys.prefix,
  scopes: apiKeys.scopes,
  createdAt: millis(apiKeys.createdAt),
  lastUsedAt: millis(apiKeys.lastUsedAt),
  revokedAt: millis(apiKeys.revokedAt),
  expiresAt: millis(apiKeys.expiresAt),
  replacedBy: apiKeys.replacedBy,
};

function keyView(key: Omit<ApiKey, 'scopes'> & { readonly scopes: readonly string[] }): ApiKey {
  return { ...key, scopes: scopesOf(key.scopes) };
}

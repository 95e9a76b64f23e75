/** Tenants and their keys, for the operator. */
import { ChatError, TenantId } from '@messagecore/protocol';
import {
  type ApiKey,
  ApiKeyScope,
  type Page,
  type PageQuery,
  type Tenant,
  type TenantsQuery,
} from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';

const columns = (sql: Sql) => sql`
  id as "tenantId", name, subdomain, plan, status, (extract(epoch from created_at) * 1000)::float8 as "createdAt"`;

/** Throws `not_found`. */
export async function getTenant(sql: Sql, tid: string): Promise<Tenant> {
  const [row] = await sql<Tenant[]>`select ${columns(sql)} from tenants where id = ${tid} and status <> 'deleted'`;
  if (row === undefined) throw new ChatError('not_found', 'no such tenant');
  return row;
}

const TenantPageKey = z.tuple([TenantId]);

export async function listTenants(sql: Sql, { status, plan, limit, cursor }: TenantsQuery): Promise<Page<Tenant>> {
  const after = decodeCursor(cursor, TenantPageKey)?.[0];
  const rows = await sql<Tenant[]>`
    select ${columns(sql)} from tenants
    where status <> 'deleted'
      ${after === undefined ? sql`` : sql`and id > ${after}`}
      and (${status ?? null}::text is null or status = ${status ?? null}::text)
      and (${plan ?? null}::text is null or plan = ${plan ?? null}::text)
    order by id limit ${limit + 1}`;
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.tenantId]) : null };
}

/** Decrypts a secret that is stored in a column of a tenant. Throws when that is not possible. */
type OpenSecret = (sealed: string, place: { readonly tid: string; readonly column: 'tenants.jwt_secret' }) => string;

/**
 * The secrets with which tenants sign their own tokens, in the order asked; undefined where there is none. One that cannot
 * be decrypted is `unavailable` and does not touch the others.
 */
export async function tenantSecrets(
  sql: Sql,
  open: OpenSecret,
  tids: readonly string[],
): Promise<(string | ChatError | undefined)[]> {
  const rows = await sql<{ tid: string; clear: string | null; sealed: string | null }[]>`
    select id as tid, jwt_secret as clear, jwt_secret_sealed as sealed from tenants
    where id = any(${[...new Set(tids)]}::uuid[]) and coalesce(jwt_secret, jwt_secret_sealed) is not null`;
  const found = new Map(rows.map(({ tid, clear, sealed }) => [tid, clear ?? opened(open, tid, sealed)]));
  return tids.map((tid) => found.get(tid));
}

function opened(open: OpenSecret, tid: string, sealed: string | null): string | ChatError | undefined {
  if (sealed === null) return undefined;
  try {
    return open(sealed, { tid, column: 'tenants.jwt_secret' });
  } catch (cause) {
    return new ChatError('unavailable', 'the tenant’s secret cannot be decrypted', { cause });
  }
}

const ApiKeyPageKey = z.tuple([z.uuid()]);

/** Revoked ones too. Throws `not_found` when there is no such tenant. */
export async function listApiKeys(sql: Sql, tid: string, { limit, cursor }: PageQuery): Promise<Page<ApiKey>> {
  await getTenant(sql, tid);
  const after = decodeCursor(cursor, ApiKeyPageKey)?.[0];
  const rows = await sql<ApiKey[]>`
    select ${keyColumns(sql)} from api_keys
    where tenant_id = ${tid} ${after === undefined ? sql`` : sql`and id > ${after}`} order by id limit ${limit + 1}`;
  const items = rows.slice(0, limit).map(keyView);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.keyId]) : null };
}

/** Throws `not_found`. */
export async function getApiKey(sql: Sql, tid: string, keyId: string): Promise<ApiKey> {
  const [row] = await sql<ApiKey[]>`
    select ${keyColumns(sql)} from api_keys where tenant_id = ${tid} and id = ${keyId}`;
  if (row === undefined) throw new ChatError('not_found', 'no such key');
  return keyView(row);
}

const keyColumns = (sql: Sql) => sql`
  id as "keyId", name, prefix, scopes, (extract(epoch from created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from last_used_at) * 1000)::float8 as "lastUsedAt",
  (extract(epoch from revoked_at) * 1000)::float8 as "revokedAt"`;

/** Scopes that this version does not know are not shown; they grant nothing here. */
function keyView(key: ApiKey): ApiKey {
  return { ...key, scopes: key.scopes.filter((scope) => ApiKeyScope.safeParse(scope).success) };
}

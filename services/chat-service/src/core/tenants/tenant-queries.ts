/** Tenants, as they are shown. */
import { ChatError, TenantId } from '@messagecore/protocol';
import { type Page, type Tenant, type TenantsQuery } from '@messagecore/protocol/features';
import { and, eq, gt, isNotNull, ne, or } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, millis } from '../../platform/database/expressions.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { tenants } from './tables.ts';

const tenantColumns = {
  tenantId: tenants.id,
  name: tenants.name,
  subdomain: tenants.subdomain,
  plan: tenants.plan,
  limits: tenants.limits,
  status: tenants.status,
  createdAt: millis(tenants.createdAt),
};

/** A tenant that is there. */
export const isTenant = (tid: string) => and(eq(tenants.id, tid), ne(tenants.status, 'deleted'));

/** A tenant that is there, by its id or subdomain. */
export const isTenantNamed = (ref: string) =>
  and(
    TenantId.safeParse(ref).success ? eq(tenants.id, ref) : eq(tenants.subdomain, ref),
    ne(tenants.status, 'deleted'),
  );

/** Throws `not_found`. */
export async function getTenant(sql: Sql, tid: string): Promise<Tenant> {
  const [row] = await db(sql).select(tenantColumns).from(tenants).where(isTenant(tid));
  if (row === undefined) throw new ChatError('not_found', 'no such tenant');
  return tenantView(row);
}

type TenantRow = Omit<Tenant, 'status'> & Pick<typeof tenants.$inferSelect, 'status'>;

/** Of a tenant that is not deleted. */
const tenantView = (row: TenantRow): Tenant => ({
  ...row,
  status: row.status === 'suspended' ? 'suspended' : 'active',
});

const TenantPageKey = z.tuple([TenantId]);

export async function listTenants(sql: Sql, { status, plan, limit, cursor }: TenantsQuery): Promise<Page<Tenant>> {
  const after = decodeCursor(cursor, TenantPageKey)?.[0];
  const asked = and(
    ne(tenants.status, 'deleted'),
    after === undefined ? undefined : gt(tenants.id, after),
    status === undefined ? undefined : eq(tenants.status, status),
    plan === undefined ? undefined : eq(tenants.plan, plan),
  );
  const rows = await db(sql)
    .select(tenantColumns)
    .from(tenants)
    .where(asked)
    .orderBy(tenants.id)
    .limit(limit + 1);
  const { items, next } = pageOf(rows, limit, (last) => [last.tenantId]);
  return { items: items.map(tenantView), next };
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
  const rows = await db(sql)
    .select({ tid: tenants.id, clear: tenants.jwtSecret, sealed: tenants.jwtSecretSealed })
    .from(tenants)
    .where(and(isAnyOf(tenants.id, [...new Set(tids)]), hasSecret()));
  const found = new Map(rows.map(({ tid, clear, sealed }) => [tid, clear ?? opened(open, tid, sealed)]));
  return tids.map((tid) => found.get(tid));
}

const hasSecret = () => or(isNotNull(tenants.jwtSecret), isNotNull(tenants.jwtSecretSealed));

function opened(open: OpenSecret, tid: string, sealed: string | null): string | ChatError | undefined {
  if (sealed === null) return undefined;
  try {
    return open(sealed, { tid, column: 'tenants.jwt_secret' });
  } catch (cause) {
    return new ChatError('unavailable', 'the tenant’s secret cannot be decrypted', { cause });
  }
}

import { ChatError } from '@messagecore/protocol';
import type { Keeper, LdapSettings, OidcSettings, ProviderSettings } from '@messagecore/protocol/features';
import { and, eq, lte, ne, or } from '../../platform/database/drizzle.ts';
import type { Secrets } from '../../core/identity/secrets.ts';
import { tenants } from '../../core/tenants/tables.ts';
import { isTenantNamed } from '../../core/tenants/tenant-queries.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { momentOf } from '../../platform/database/expressions.ts';
import { secretAt } from './provider-store.ts';
import { changedSubjects } from './rules.ts';
import { identityProviders } from './tables.ts';

/** A provider that may be used now, of a tenant that is active. */
export interface UsableProvider<S extends ProviderSettings = ProviderSettings> {
  readonly tid: string;
  readonly id: string;
  readonly settings: S;
  readonly secret: string | undefined;
  /** The networks that the operator opens are for the operator's. */
  readonly keptBy: Keeper;
}

type SettingsOf<K extends ProviderSettings['kind']> = K extends 'oidc' ? OidcSettings : LdapSettings;

/** `tenant` is an id or a subdomain. Throws `not_found`, with the same words whatever is missing. */
export async function findProvider<K extends ProviderSettings['kind']>(
  { sql, secrets }: { readonly sql: Sql; readonly secrets: Secrets },
  tenant: string,
  id: string,
  kind: K,
): Promise<UsableProvider<SettingsOf<K>>> {
  const { secretSealed, keptBy } = identityProviders;
  const [row] = await db(sql)
    .select({ tid: tenants.id, settings: identityProviders.settings, sealed: secretSealed, keptBy })
    .from(identityProviders)
    .innerJoin(tenants, eq(tenants.id, identityProviders.tenantId))
    .where(
      and(
        isTenantNamed(tenant),
        eq(tenants.status, 'active'),
        eq(identityProviders.id, id),
        eq(identityProviders.enabled, true),
      ),
    );
  if (row === undefined || row.settings.kind !== kind) throw new ChatError('not_found', 'no such identity provider');
  const { tid, sealed } = row;
  const secret = sealed === null ? undefined : secrets.open(sealed, secretAt(tid, id));
  return { tid, id, settings: row.settings as SettingsOf<K>, secret, keptBy: row.keptBy };
}

/**
 * For a transaction of a sign-in: throws `not_found` when the provider was switched off or deleted meanwhile, which else waits,
 * or is another one of the same id.
 */
export function isUsable({ tid, id, settings }: Pick<UsableProvider, 'tid' | 'id' | 'settings'>) {
  return async (tx: Transaction): Promise<void> => {
    const [row] = await db(tx)
      .select({ enabled: identityProviders.enabled, settings: identityProviders.settings })
      .from(identityProviders)
      .where(and(eq(identityProviders.tenantId, tid), eq(identityProviders.id, id)))
      .for('share');
    const isSame = row?.enabled === true && changedSubjects(settings, row.settings).length === 0;
    if (!isSame) throw new ChatError('not_found', 'no such identity provider');
  };
}

export interface SignInByProvider {
  readonly tid: string;
  readonly uid: string;
  readonly providerId: string;
  /** Milliseconds since 1970. */
  readonly signedInAt: number;
}

/**
 * Whether the provider of a sign-in lets the user in still: it is there and on, the one that was there when the sign-in began and no
 * later one of the same id, and not the tenant's own where the user is an owner by now.
 */
export async function stillLetsIn(
  tx: Transaction,
  { tid, uid, providerId, signedInAt }: SignInByProvider,
): Promise<boolean> {
  const { tenantId, id, enabled, createdAt, keptBy } = identityProviders;
  const [row] = await db(tx)
    .select({ id })
    .from(identityProviders)
    .innerJoin(users, and(eq(users.tenantId, tenantId), eq(users.id, uid)))
    .where(
      and(
        ...[eq(tenantId, tid), eq(id, providerId), enabled, lte(createdAt, momentOf(signedInAt))],
        or(eq(keptBy, 'operator'), ne(users.role, 'owner')),
      ),
    );
  return row !== undefined;
}

/** What a sign-in page offers; nothing for a tenant that is not there. */
export async function listOffered(sql: Sql, tenant: string) {
  const rows = await db(sql)
    .select({ id: identityProviders.id, settings: identityProviders.settings })
    .from(identityProviders)
    .innerJoin(tenants, eq(tenants.id, identityProviders.tenantId))
    .where(and(isTenantNamed(tenant), eq(tenants.status, 'active'), eq(identityProviders.enabled, true)))
    .orderBy(identityProviders.id);
  return rows.map(({ id, settings: { kind, name } }) => ({ providerId: id, kind, name }));
}

import { boolean, index, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import type { Keeper, ProviderSettings } from '@messagecore/protocol/features';
import { json, moment } from '../../platform/database/columns.ts';

/** By whom a tenant's users are identified. */
export const identityProviders = pgTable(
  'identity_providers',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: text('id').notNull(),
    settings: json('settings').$type<ProviderSettings>().notNull(),
    enabled: boolean('enabled').notNull(),
    /** The client's secret, or the password with which the directory is searched: core/identity/secrets.ts. */
    secretSealed: text('secret_sealed'),
    /** Whoever made it; never changes. */
    keptBy: text('kept_by').$type<Keeper>().notNull().default('operator'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Who a user is to a provider. `subject` never changes there, whatever becomes of names and addresses. */
export const externalIdentities = pgTable(
  'external_identities',
  {
    tenantId: uuid('tenant_id').notNull(),
    providerId: text('provider_id').notNull(),
    subject: text('subject').notNull(),
    userId: uuid('user_id').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    lastUsedAt: moment('last_used_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.providerId, table.subject] }),
    index('external_identities_of_user').on(table.userId),
  ],
);

/** Sign-ins by OpenID Connect that have begun. A row is used once, and gone after a few minutes. */
export const oidcFlows = pgTable(
  'oidc_flows',
  {
    /** SHA-256 of what the browser keeps. */
    flowHash: text('flow_hash').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    providerId: text('provider_id').notNull(),
    state: text('state').notNull(),
    nonce: text('nonce').notNull(),
    /** PKCE: what the code is redeemed with. */
    codeVerifier: text('code_verifier').notNull(),
    redirectUri: text('redirect_uri').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [index('oidc_flows_expiry').on(table.expiresAt)],
);

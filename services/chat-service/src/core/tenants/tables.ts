/** Tenants and their keys. */
import type { TenantLimits, TenantSettings } from '@messagecore/protocol/features';
import { sql, check, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import { json, moment } from '../../platform/database/columns.ts';

export const tenants = pgTable(
  'tenants',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    subdomain: text('subdomain').notNull().unique(),
    status: text('status', { enum: ['active', 'suspended', 'deleted'] })
      .notNull()
      .default('active'),
    plan: text('plan', { enum: ['basic', 'pro', 'enterprise'] })
      .notNull()
      .default('basic'),
    /** What is set of the tenant's settings; what is not is as `TENANT_SETTINGS` says. */
    settings: json('settings').$type<Partial<TenantSettings>>().notNull().default({}),
    /** In place of the plan's limits. */
    limits: json('limits').$type<TenantLimits>().notNull().default({}),
    /** The tenant's own secret for its users' tokens (HS256), as versions before 0008 stored it. */
    jwtSecret: text('jwt_secret'),
    /** The same, encrypted: identity/secrets.ts. The platform's secret counts when both are absent. */
    jwtSecretSealed: text('jwt_secret_sealed'),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    check('tenants_status', sql`${table.status} in ('active', 'suspended', 'deleted')`),
    check('tenants_plan', sql`${table.plan} in ('basic', 'pro', 'enterprise')`),
  ],
);

/** Only a hash of the key is kept; `prefix` is its readable beginning, for people who look at a list of keys. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').notNull(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    hash: text('hash').notNull().unique(),
    prefix: text('prefix').notNull(),
    name: text('name').notNull(),
    scopes: text('scopes').array().notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    lastUsedAt: moment('last_used_at'),
    revokedAt: moment('revoked_at'),
    /** From then on the key is refused; without it, never. */
    expiresAt: moment('expires_at'),
    /** The key that rotation gave in its place. */
    replacedBy: uuid('replaced_by'),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

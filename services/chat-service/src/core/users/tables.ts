/** Users and their devices. Nothing here belongs to a conversation. */
import { sql, check, index, pgTable, primaryKey, text, unique, uuid } from '../../platform/database/drizzle.ts';
import type { FieldValue } from '@messagecore/protocol/features';
import { counter, json, moment } from '../../platform/database/columns.ts';
import { tenants } from '../tenants/tables.ts';

export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** The tenant's own name for the user; absent for built-in accounts. */
    externalId: text('external_id'),
    displayName: text('display_name').notNull(),
    role: text('role', { enum: ['owner', 'admin', 'moderator', 'member', 'guest', 'bot'] })
      .notNull()
      .default('member'),
    status: text('status', { enum: ['active', 'deactivated', 'deleted'] })
      .notNull()
      .default('active'),
    /** Number of revocations of the user's tokens: of one device, of all, or with the user. */
    generation: counter('generation').notNull().default(0),
    /** Tokens without a device that carry a lower number are refused. */
    tokensGeneration: counter('tokens_generation').notNull().default(0),
    /** Tokens that were not minted here and are not clearly newer are refused. */
    tokensRevokedAt: moment('tokens_revoked_at'),
    /** Both names as a search compares them: search-name.ts. Out of date when `searchOf` is not the display name. */
    searchName: text('search_name'),
    searchOf: text('search_of'),
    /**
     * The user whom this one was merged into: ids and external ids of this one name that one, which is merged into nobody.
     * `status` is `deleted` when the merge is done.
     */
    mergedInto: uuid('merged_into'),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('users_merged')
      .on(table.mergedInto)
      .where(sql`merged_into is not null`),
    unique('users_external_id').on(table.tenantId, table.externalId),
    index('users_of_tenant').on(table.tenantId, table.id),
    check('users_role', sql`${table.role} in ('owner', 'admin', 'moderator', 'member', 'guest', 'bot')`),
    check('users_status', sql`${table.status} in ('active', 'deactivated', 'deleted')`),
  ],
);

/** Installed clients. `clientId` is the client's own choice, so it means something only together with its user. */
export const devices = pgTable(
  'devices',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    clientId: text('client_id').notNull(),
    platform: text('platform'),
    createdAt: moment('created_at').notNull().defaultNow(),
    lastSeenAt: moment('last_seen_at').notNull().defaultNow(),
    revokedAt: moment('revoked_at'),
    /** The user's `generation` when the device was registered or last revoked; its tokens carry it. */
    generation: counter('generation').notNull().default(0),
    /** The `revokedAt` that came with the number; an older version sets only the time. */
    numberedAt: moment('numbered_at'),
  },
  (table) => [primaryKey({ columns: [table.userId, table.clientId] })],
);

/** What users tell about themselves. Apart from `users`, which every request reads; none for who has told nothing. */
export const userProfiles = pgTable('user_profiles', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  tenantId: uuid('tenant_id').notNull(),
  avatar: text('avatar'),
  bio: text('bio'),
  locale: text('locale'),
  timeZone: text('time_zone'),
  statusText: text('status_text'),
  statusEmoji: text('status_emoji'),
  /** From then on there is no status, whatever stands here. */
  statusUntil: moment('status_until'),
  /** By name, of fields that the tenant has declared or had. */
  fields: json('fields').$type<Record<string, FieldValue>>().notNull().default({}),
});

/** The fields that a tenant adds to the profiles of its users. */
export const profileFields = pgTable(
  'profile_fields',
  {
    tenantId: uuid('tenant_id').notNull(),
    name: text('name').notNull(),
    label: text('label').notNull(),
    type: text('type', { enum: ['text', 'number', 'boolean', 'date', 'url'] }).notNull(),
    visibleTo: text('visible_to', { enum: ['everyone', 'self', 'backend'] }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.name] }),
    check('profile_fields_type', sql`${table.type} in ('text', 'number', 'boolean', 'date', 'url')`),
    check('profile_fields_visible_to', sql`${table.visibleTo} in ('everyone', 'self', 'backend')`),
  ],
);

/** Whom a user has blocked. */
export const userBlocks = pgTable(
  'user_blocks',
  {
    userId: uuid('user_id').notNull(),
    blockedId: uuid('blocked_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.blockedId] }),
    index('user_blocks_of_blocked').on(table.blockedId, table.userId),
  ],
);

/** What a merge has moved to the other user, with what was there before. Gone when the merge is done. */
export const userMoves = pgTable(
  'user_moves',
  {
    fromId: uuid('from_id').notNull(),
    /** Of the product, as the merge names it. */
    part: text('part').notNull(),
    /** What was moved: the id of a conversation, of a user. */
    key: text('key').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    before: json('before').notNull(),
  },
  (table) => [primaryKey({ columns: [table.fromId, table.part, table.key] })],
);

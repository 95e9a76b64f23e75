import { sql, boolean, index, pgTable, primaryKey, text, unique, uuid } from '../../platform/database/drizzle.ts';
import { json, moment } from '../../platform/database/columns.ts';

/** Users as a tenant's directory keeps them. Those that it has never named have no row. */
export const scimUsers = pgTable(
  'scim_users',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** `userName` in lower case: it is one whatever its case. */
    nameKey: text('name_key').notNull(),
    /** The primary address in lower case; null when there is none. */
    emailKey: text('email_key'),
    /** Attributes as they were given. */
    attributes: json('attributes').$type<Record<string, unknown>>().notNull(),
    active: boolean('active').notNull(),
    /** Whether the role in the tenant comes of a group: it goes with the group then. */
    roleGiven: boolean('role_given').notNull().default(false),
    createdAt: moment('created_at').notNull().defaultNow(),
    modifiedAt: moment('modified_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.userId] }),
    unique('scim_users_name').on(table.tenantId, table.nameKey),
    index('scim_users_email').on(table.tenantId, table.emailKey),
    index('scim_users_external_id').on(table.tenantId, sql`(${table.attributes} ->> 'externalId')`),
  ],
);

/** Whom the directory has deleted: they are the same users when it names them again. */
export const scimFormerUsers = pgTable(
  'scim_former_users',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    nameKey: text('name_key').notNull(),
    externalId: text('external_id'),
    /** Whether the directory deactivated them, and not somebody else before. */
    deactivated: boolean('deactivated').notNull(),
    removedAt: moment('removed_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.userId] }),
    index('scim_former_users_name').on(table.tenantId, table.nameKey),
  ],
);

export const scimGroups = pgTable(
  'scim_groups',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    displayName: text('display_name').notNull(),
    externalId: text('external_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
    modifiedAt: moment('modified_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    unique('scim_groups_name').on(table.tenantId, table.displayName),
  ],
);

export const scimMembers = pgTable(
  'scim_members',
  {
    tenantId: uuid('tenant_id').notNull(),
    groupId: uuid('group_id').notNull(),
    userId: uuid('user_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.groupId, table.userId] }),
    index('scim_members_of_user').on(table.tenantId, table.userId),
  ],
);

/** Which groups give which roles in the tenant: of several the first counts. */
export const scimSettings = pgTable('scim_settings', {
  tenantId: uuid('tenant_id').primaryKey(),
  roles: json('roles').$type<readonly { readonly group: string; readonly role: string }[]>().notNull(),
});

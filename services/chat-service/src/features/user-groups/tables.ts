import { index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from '../../platform/database/drizzle.ts';
import { moment } from '../../platform/database/columns.ts';

export const userGroups = pgTable(
  'user_groups',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    name: text('name').notNull(),
    /** The name as mentions compare it: by it `keep_mentions` finds the group. */
    mentionName: text('mention_name').notNull(),
    /** How many: kept by triggers on `user_group_members`. */
    members: integer('members').notNull().default(0),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('user_groups_mention_name').on(table.tenantId, table.mentionName)],
);

export const userGroupMembers = pgTable(
  'user_group_members',
  {
    groupId: uuid('group_id').notNull(),
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    addedAt: moment('added_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.groupId, table.userId] }),
    index('user_group_members_of_user').on(table.userId),
  ],
);

import { index, pgTable, primaryKey, uuid } from '../../platform/database/drizzle.ts';
import { counter, moment } from '../../platform/database/columns.ts';

/** Whom a user follows. */
export const userFollows = pgTable(
  'user_follows',
  {
    userId: uuid('user_id').notNull(),
    followedId: uuid('followed_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.followedId] }),
    index('user_follows_of_followed').on(table.followedId, table.userId),
  ],
);

/** How many rows of `user_follows` name a user; none for who follows nobody and whom nobody follows. */
export const followCounts = pgTable('follow_counts', {
  userId: uuid('user_id').primaryKey(),
  tenantId: uuid('tenant_id').notNull(),
  followers: counter('followers').notNull().default(0),
  following: counter('following').notNull().default(0),
});

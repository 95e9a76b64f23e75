/** Written by the trigger `keep_thread`, with the reply (migration 0057); here, what a user sets of it. */
import { sql, boolean, index, integer, pgTable, primaryKey, uuid } from '../../platform/database/drizzle.ts';
import { counter, moment } from '../../platform/database/columns.ts';

/** One for each message that has replies. */
export const threads = pgTable(
  'threads',
  {
    conversationId: uuid('conversation_id').notNull(),
    rootSeq: counter('root_seq').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    replies: counter('replies').notNull(),
    /** How many different users have replied. */
    members: integer('members').notNull(),
    lastSeq: counter('last_seq').notNull(),
    lastAt: moment('last_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.rootSeq] })],
);

/** Who has replied in a thread, or follows it. */
export const threadMembers = pgTable(
  'thread_members',
  {
    conversationId: uuid('conversation_id').notNull(),
    rootSeq: counter('root_seq').notNull(),
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    replies: counter('replies').notNull(),
    /** Of the user's last reply; null without one. */
    lastSeq: counter('last_seq'),
    follows: boolean('follows').notNull(),
    /** Up to where the user has read the thread. */
    readSeq: counter('read_seq').notNull(),
    touchedAt: moment('touched_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.rootSeq, table.userId] }),
    index('thread_members_of_user').on(table.userId, table.touchedAt.desc()),
    index('thread_members_latest')
      .on(table.conversationId, table.rootSeq, table.lastSeq.desc())
      .where(sql`replies > 0`),
  ],
);

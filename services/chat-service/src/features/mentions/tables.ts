/** Written by the trigger `keep_mentions`, with the message (migration 0062). */
import { sql } from 'drizzle-orm';
import { check, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { counter, moment } from '../../platform/database/columns.ts';

/** One for each user that a message names, and one, of the nil UUID, for all participants together. */
export const mentions = pgTable(
  'mentions',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    seq: counter('seq').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    senderId: uuid('sender_id').notNull(),
    scope: text('scope', { enum: ['user', 'all', 'here'] }).notNull(),
    /** That of the message. */
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId, table.seq] }),
    index('mentions_of_user').on(table.userId, table.createdAt.desc(), table.conversationId.desc(), table.seq.desc()),
    index('mentions_of_message').on(table.conversationId, table.seq),
    check('mentions_scope', sql`${table.scope} in ('user', 'all', 'here')`),
  ],
);

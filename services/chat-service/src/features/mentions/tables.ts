/**
 * Written by the trigger `keep_mentions`, with the message (migration 0087), and by `settle-here.ts` and `settle-groups.ts`, once it
 * is known whom `here` and groups mention.
 */
import { sql, boolean, check, index, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import { counter, moment } from '../../platform/database/columns.ts';

/**
 * One for each user that a message names, or mentions by `here` or a group; and one, of the nil UUID, for all participants together, or of
 * `here` while it is not known whom that mentions.
 */
export const mentions = pgTable(
  'mentions',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    seq: counter('seq').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    senderId: uuid('sender_id').notNull(),
    scope: text('scope', { enum: ['user', 'all', 'here', 'group'] }).notNull(),
    /** Was online when the message mentioned `here`; says so of users who are named, too. */
    online: boolean('online'),
    /** That of the message. */
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId, table.seq] }),
    index('mentions_of_user').on(table.userId, table.createdAt.desc(), table.conversationId.desc(), table.seq.desc()),
    index('mentions_of_message').on(table.conversationId, table.seq),
    index('mentions_here_open')
      .on(table.conversationId, table.seq)
      .where(sql`${table.userId} = '00000000-0000-0000-0000-000000000000' and ${table.scope} = 'here'`),
    check('mentions_scope', sql`${table.scope} in ('user', 'all', 'here', 'group')`),
  ],
);

/** Messages of which it is not known yet whom the groups in them mention. */
export const openGroupMentions = pgTable(
  'open_group_mentions',
  {
    conversationId: uuid('conversation_id').notNull(),
    seq: counter('seq').notNull(),
    tenantId: uuid('tenant_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.seq] })],
);

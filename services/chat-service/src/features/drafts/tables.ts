import { sql, foreignKey, index, pgTable, primaryKey, uuid } from '../../platform/database/drizzle.ts';
import { participants } from '../../core/conversations/tables.ts';
import { counter, jsonText, moment } from '../../platform/database/columns.ts';

/**
 * One a user and conversation, gone with the membership. A deleted one stays without body: its version refuses what another
 * device wrote earlier and brings later.
 */
export const drafts = pgTable(
  'drafts',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    body: jsonText('body'),
    replyTo: counter('reply_to'),
    version: counter('version').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    foreignKey({
      name: 'drafts_of_participant',
      columns: [table.conversationId, table.userId],
      foreignColumns: [participants.conversationId, participants.userId],
    }).onDelete('cascade'),
    index('drafts_of_user')
      .on(table.userId, table.version.desc(), table.conversationId.desc())
      .where(sql`body is not null`),
  ],
);

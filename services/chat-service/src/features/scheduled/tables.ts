import { sql, check, index, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import { counter, jsonText, moment } from '../../platform/database/columns.ts';

/** Messages that are not sent yet. A row ends in the transaction that has found its message stored. */
export const scheduledMessages = pgTable(
  'scheduled_messages',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    mid: text('mid').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    /** What a send has besides: `kind`, the canonical `body`, what it answers. */
    message: jsonText('message').notNull(),
    sendAt: moment('send_at').notNull(),
    /** While it is `sending`, the message may be stored already. */
    state: text('state', { enum: ['waiting', 'sending', 'failed'] })
      .notNull()
      .default('waiting'),
    /** Why it could not be sent: a code. */
    error: text('error'),
    /** Rises with each change; a job of an earlier one does nothing. */
    version: counter('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId, table.mid] }),
    check('scheduled_messages_state', sql`state in ('waiting', 'sending', 'failed')`),
    index('scheduled_messages_of_user').on(table.userId, table.sendAt, table.conversationId, table.mid),
  ],
);

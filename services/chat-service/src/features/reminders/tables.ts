import { sql, boolean, check, index, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import { counter, moment } from '../../platform/database/columns.ts';

export const reminders = pgTable(
  'reminders',
  {
    userId: uuid('user_id').notNull(),
    reminderId: text('reminder_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    /** The message; both null for a note alone. */
    conversationId: uuid('conversation_id'),
    seq: counter('seq'),
    note: text('note'),
    remindAt: moment('remind_at').notNull(),
    isDue: boolean('is_due').notNull().default(false),
    /** Rises with each change; a job of an earlier one does nothing. */
    version: counter('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.reminderId] }),
    check(
      'reminders_of_something',
      sql`(conversation_id is null) = (seq is null) and (seq is not null or note is not null)`,
    ),
    index('reminders_of_user').on(table.userId, table.remindAt, table.reminderId),
    index('reminders_of_conversation')
      .on(table.conversationId)
      .where(sql`conversation_id is not null`),
  ],
);

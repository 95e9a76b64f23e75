import { date, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { counter } from '../../platform/database/columns.ts';

/** How many messages users of a tenant have sent on a day, by UTC and the time of storing. */
export const usageDaily = pgTable(
  'usage_daily',
  {
    tenantId: uuid('tenant_id').notNull(),
    day: date('day').notNull(),
    messages: counter('messages').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.day] })],
);

/** Up to which `seq` the messages of a conversation are in `usage_daily`: each is counted once. */
export const usageMarks = pgTable('usage_marks', {
  conversationId: uuid('conversation_id').primaryKey(),
  countedSeq: counter('counted_seq').notNull(),
});

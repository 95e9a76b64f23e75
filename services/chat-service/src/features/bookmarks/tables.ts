import { index, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import { counter, moment } from '../../platform/database/columns.ts';

export const bookmarks = pgTable(
  'bookmarks',
  {
    userId: uuid('user_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    seq: counter('seq').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    note: text('note'),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq, table.userId] }),
    index('bookmarks_of_user').on(table.userId, table.createdAt.desc(), table.conversationId.desc(), table.seq.desc()),
  ],
);

import { foreignKey, pgTable, primaryKey, uuid } from '../../platform/database/drizzle.ts';
import { conversations } from '../../core/conversations/tables.ts';
import { moment } from '../../platform/database/columns.ts';

/** To which channels every user of the tenant is added. */
export const defaultChannels = pgTable(
  'default_channels',
  {
    tenantId: uuid('tenant_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    addedAt: moment('added_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.conversationId] }),
    foreignKey({
      name: 'default_channels_of_conversation',
      columns: [table.conversationId],
      foreignColumns: [conversations.conversationId],
    }).onDelete('cascade'),
  ],
);

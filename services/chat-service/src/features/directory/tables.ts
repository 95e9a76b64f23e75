import { foreignKey, index, integer, pgTable, text, uuid } from '../../platform/database/drizzle.ts';
import { conversations } from '../../core/conversations/tables.ts';

/** The public channels that can be found, as of some seconds ago. */
export const directoryChannels = pgTable(
  'directory_channels',
  {
    conversationId: uuid('conversation_id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    /** As a search compares it: core/users/search-name.ts. Sorts by code point. */
    searchName: text('search_name').notNull(),
    members: integer('members').notNull(),
  },
  (table) => [
    foreignKey({
      name: 'directory_channels_of_conversation',
      columns: [table.conversationId],
      foreignColumns: [conversations.conversationId],
    }).onDelete('cascade'),
    index('directory_channels_by_name').on(table.tenantId, table.searchName, table.conversationId),
    index('directory_channels_by_members').on(table.tenantId, table.members.desc(), table.conversationId),
  ],
);

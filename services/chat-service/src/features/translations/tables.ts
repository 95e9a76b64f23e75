import { foreignKey, index, pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import { messages } from '../../core/messages/tables.ts';
import { counter, moment } from '../../platform/database/columns.ts';

/** What messages say in other languages. A trigger of `messages` deletes those of a text that changes (migration 0090). */
export const messageTranslations = pgTable(
  'message_translations',
  {
    conversationId: uuid('conversation_id').notNull(),
    seq: counter('seq').notNull(),
    language: text('language').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    text: text('text').notNull(),
    /** Of the message, where the translator has said it. */
    fromLanguage: text('from_language'),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq, table.language] }),
    index('message_translations_created').on(table.createdAt),
    foreignKey({
      name: 'message_translations_of_message',
      columns: [table.conversationId, table.seq],
      foreignColumns: [messages.conversationId, messages.seq],
    }).onDelete('cascade'),
  ],
);

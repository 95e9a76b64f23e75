import { pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';

export const customEmojis = pgTable(
  'custom_emojis',
  { tenantId: uuid('tenant_id').notNull(), name: text('name').notNull(), image: text('image').notNull() },
  (table) => [primaryKey({ columns: [table.tenantId, table.name] })],
);

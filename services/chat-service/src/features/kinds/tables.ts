import { pgTable, primaryKey, text, uuid } from '../../platform/database/drizzle.ts';
import { jsonText, moment } from '../../platform/database/columns.ts';

/** Kinds of messages that tenants have defined. */
export const messageKinds = pgTable(
  'message_kinds',
  {
    tenantId: uuid('tenant_id').notNull(),
    name: text('name').notNull(),
    /** As it was given: bodies are stored in the order of its properties. */
    schema: jsonText('schema').notNull(),
    /** Another one with each change: by it a process sees that what it knows is the same. */
    version: uuid('version').notNull(),
    changedAt: moment('changed_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.name] })],
);

import { index, integer, pgTable, text, uuid } from '../database/drizzle.ts';
import { json, moment } from '../database/columns.ts';

/** Work in several steps that cannot share a transaction. Each step is a job; the row says how far it is. */
export const sagas = pgTable(
  'sagas',
  {
    id: uuid('id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    kind: text('kind').notNull(),
    /** What it is about, for people who look at the list. */
    subject: text('subject').notNull(),
    status: text('status', { enum: ['running', 'compensating', 'done', 'undone', 'failed'] }).notNull(),
    /** Index of the step under way. */
    step: integer('step').notNull().default(0),
    /** What the steps hand on to each other. */
    state: json('state').notNull(),
    /** How much is done, in the saga's own unit; `total` when it is known. */
    progress: integer('progress').notNull().default(0),
    total: integer('total'),
    error: text('error'),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('sagas_of_tenant').on(table.tenantId, table.createdAt),
    index('sagas_newest').on(table.createdAt.desc(), table.id.desc()),
  ],
);

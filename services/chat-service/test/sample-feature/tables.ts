import { pgTable, primaryKey, text } from '../../src/platform/database/drizzle.ts';

/** What the sample feature has noticed, each thing once. */
export const sampleNotes = pgTable(
  'sample_notes',
  { origin: text('origin').notNull(), note: text('note').notNull() },
  (table) => [primaryKey({ columns: [table.origin, table.note] })],
);

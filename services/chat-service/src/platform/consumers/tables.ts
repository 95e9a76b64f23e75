import { boolean, index, integer, pgTable, text } from '../database/drizzle.ts';
import { bytes, counter, moment } from '../database/columns.ts';

/** How far each consumer of the stream is. */
export const consumers = pgTable('consumers', {
  name: text('name').primaryKey(),
  /** Identity of the stream that `position` counts in. */
  streamCreatedAt: text('stream_created_at').notNull(),
  /** Everything in the stream up to here is handled. */
  position: counter('position').notNull(),
  /** Everything committed before is handled, whatever became of the stream. */
  caughtUpAt: moment('caught_up_at').notNull(),
  paused: boolean('paused').notNull().default(false),
});

/** Events that a consumer failed to handle in all its attempts. */
export const consumerDeadLetters = pgTable(
  'consumer_dead_letters',
  {
    id: counter('id').primaryKey().generatedAlwaysAsIdentity(),
    consumer: text('consumer').notNull(),
    subject: text('subject').notNull(),
    payload: bytes('payload').notNull(),
    attempts: integer('attempts').notNull(),
    error: text('error').notNull(),
    at: moment('at').notNull().defaultNow(),
  },
  (table) => [index('consumer_dead_letters_of').on(table.consumer, table.id)],
);

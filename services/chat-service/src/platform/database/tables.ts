import { integer, pgTable, text, uuid } from './drizzle.ts';
import { moment } from './columns.ts';

/** Work that one instance does at a time. A lease ends by itself, and with the session that took or renewed it last. */
export const leases = pgTable('leases', {
  name: text('name').primaryKey(),
  holder: uuid('holder').notNull(),
  holderPid: integer('holder_pid').notNull(),
  heldUntil: moment('held_until').notNull(),
});

/** What the bus still has to hear, and what is known about the bus. */
import { index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { counter, moment } from './columns.ts';

/**
 * Ranges that were committed and not yet acknowledged by JetStream: `first … last` are `seq` for the topic `msg` and
 * `rev` for `upd`. A row says what to publish, not the content, which is read from `messages`.
 */
export const outbox = pgTable(
  'outbox',
  {
    conversationId: uuid('conversation_id').notNull(),
    topic: text('topic', { enum: ['msg', 'upd'] }).notNull(),
    first: counter('first').notNull(),
    last: counter('last').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.topic, table.first] }),
    index('outbox_created').on(table.createdAt),
  ],
);

/** The stream as it was last seen: another birth time or a smaller last number means that its store was lost. */
export const busState = pgTable('bus_state', {
  stream: text('stream').primaryKey(),
  createdAt: text('created_at').notNull(),
  lastSeq: counter('last_seq').notNull(),
  seenAt: moment('seen_at').notNull(),
});

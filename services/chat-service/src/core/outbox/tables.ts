/** What the bus still has to hear, and what is known about the bus. */
import type { ConvEvent } from '@messagecore/protocol/bus';
import {
  sql,
  bigint,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from '../../platform/database/drizzle.ts';
import { counter, moment } from '../../platform/database/columns.ts';

/**
 * What one transaction committed and JetStream has not acknowledged yet: for each conversation that it touched a range
 * `first … last`, of `seq` for the topic `msg`, of `rev` for `upd`. A row says what to publish, not the content, which is
 * read from `messages`. It belongs to a transaction, not to a conversation: one row a batch, however many rooms are in it.
 *
 * Ids rise in the order of commit as far as one conversation is concerned, since they are drawn under its lock.
 */
export const outbox = pgTable('outbox', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  topic: text('topic', { enum: ['msg', 'upd'] }).notNull(),
  createdAt: moment('created_at').notNull(),
  conversationIds: uuid('conversation_ids').array().notNull(),
  firsts: counter('firsts').array().notNull(),
  lasts: counter('lasts').array().notNull(),
  /** The session that wrote it; null when the writer has given it up. */
  writerPid: integer('writer_pid').default(sql`pg_backend_pid()`),
  /** Of messages in recorded traces, `mid=traceparent` separated by commas; null where there are none. */
  traces: text('traces').default(sql`nullif(current_setting('messagecore.traces', true), '')`),
});

/**
 * Events that one transaction committed and the bus has not taken yet, with their content. An event for users is one row
 * for up to 1,000 of them. Ids rise in the order of commit for events of one topic about the same.
 */
export const outboxEvents = pgTable(
  'outbox_events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    topic: text('topic', { enum: ['conversation', 'users', 'tenant'] }).notNull(),
    tenantId: uuid('tenant_id').notNull(),
    /** The conversation, the user or the tenant. */
    about: uuid('about').notNull(),
    users: uuid('users').array(),
    payload: text('payload').notNull(),
    createdAt: moment('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** As in `outbox`. */
    writerPid: integer('writer_pid').default(sql`pg_backend_pid()`),
  },
  (table) => [
    index('outbox_events_about').on(table.about, table.topic, table.id),
    check('outbox_events_topic', sql`${table.topic} in ('conversation', 'users', 'tenant')`),
    check('outbox_events_users', sql`(${table.topic} = 'users') = (${table.users} is not null)`),
  ],
);

/**
 * What happened to a conversation of so many participants that they are not named: whoever takes part when it is told, in
 * some seconds, hears of it.
 */
export const outboxParticipants = pgTable(
  'outbox_participants',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity(),
    tenantId: uuid('tenant_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    event: text('event').$type<ConvEvent['event']>().notNull(),
    /** Whom it is about. */
    users: uuid('users').array(),
    /** The membership version after it. */
    access: counter('access').notNull(),
    createdAt: moment('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (table) => [primaryKey({ name: 'outbox_participants_pkey', columns: [table.id, table.conversationId] })],
);

/** The stream as it was last seen: another birth time or a smaller last number means that its store was lost. */
export const busState = pgTable('bus_state', {
  stream: text('stream').primaryKey(),
  createdAt: text('created_at').notNull(),
  lastSeq: counter('last_seq').notNull(),
  seenAt: moment('seen_at').notNull(),
});

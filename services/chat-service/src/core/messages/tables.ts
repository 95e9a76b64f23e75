/**
 * Messages and what happens to them. All keys start with `conversation_id` (see conversations.ts).
 *
 * Bodies are `json`, not `jsonb`: they hold the very text that the service's `JSON.stringify` made, so that frames are
 * built by splicing it in and text comes back byte for byte. `messages` itself has no foreign key: a check for every row
 * would cost more than the row, and only the write path, which holds the conversation's lock, inserts.
 */
import {
  sql,
  bigserial,
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from '../../platform/database/drizzle.ts';
import type { Mentions } from '@messagecore/protocol';
import { counter, json, jsonText, moment } from '../../platform/database/columns.ts';

export const messages = pgTable(
  'messages',
  {
    conversationId: uuid('conversation_id').notNull(),
    seq: counter('seq').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    mid: text('mid').notNull(),
    senderId: uuid('sender_id').notNull(),
    clientId: text('client_id').notNull(),
    kind: text('kind').notNull(),
    body: jsonText('body').notNull(),
    replyTo: counter('reply_to'),
    threadRoot: counter('thread_root'),
    /** Of a reply in a thread: it is shown in the conversation too. */
    showInChannel: boolean('show_in_channel'),
    /** Whom it mentions. Written as what its text may mention, which the trigger `keep_mentions` replaces (migration 0085). */
    mentions: json('mentions').$type<Mentions>(),
    /** `rev` of the latest change, 0 while there was none. */
    rev: counter('rev').notNull().default(0),
    /** Counts by emoji, in the order in which they first appeared; absent when there are none. */
    reactions: jsonText('reactions'),
    /** Votes by option, and whether it is closed; absent while nobody has voted in an open one. */
    poll: jsonText('poll'),
    /** Of its links; absent while there are none, and without elements once they were taken away. */
    previews: jsonText('previews'),
    createdAt: moment('created_at').notNull(),
    editedAt: moment('edited_at'),
    recalledAt: moment('recalled_at'),
    changedAt: moment('changed_at'),
    pinnedAt: moment('pinned_at'),
    /** When it is to be recalled, and when that was done. */
    expiresAt: moment('expires_at'),
    expiredAt: moment('expired_at'),
    /** Seconds from when everybody else has read it; when that was; and when it was to be recalled until then. */
    expiresAfterRead: integer('expires_after_read'),
    readByAllAt: moment('read_by_all_at'),
    expiresUnreadAt: moment('expires_unread_at'),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq] }),
    uniqueIndex('messages_mid').on(table.conversationId, table.mid),
    uniqueIndex('messages_rev')
      .on(table.conversationId, table.rev)
      .where(sql`rev > 0`),
    index('messages_of_thread')
      .on(table.conversationId, table.threadRoot, table.seq)
      .where(sql`thread_root is not null`),
    index('messages_pinned')
      .on(table.conversationId, table.pinnedAt.desc())
      .where(sql`pinned_at is not null`),
    index('messages_of_kind')
      .on(table.conversationId, table.kind, table.seq)
      .where(sql`kind <> 'text'`),
    index('messages_created').using('brin', table.createdAt),
    index('messages_expiring')
      .on(table.tenantId, table.expiresAt)
      .where(sql`expires_at is not null and expired_at is null`),
    index('messages_changed')
      .on(table.changedAt)
      .where(sql`rev > 0`),
  ],
);

/** Audit trail of edits and recalls: the body that `rev` replaced. */
export const messageEdits = pgTable(
  'message_edits',
  {
    conversationId: uuid('conversation_id').notNull(),
    seq: counter('seq').notNull(),
    rev: counter('rev').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    action: text('action', { enum: ['edit', 'recall'] }).notNull(),
    previousBody: jsonText('previous_body').notNull(),
    changedBy: uuid('changed_by').notNull(),
    changedAt: moment('changed_at').notNull(),
    /** The conversation's last `seq` when it was changed: replies up to it quote the body that was replaced. */
    head: counter('head'),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq, table.rev] }),
    foreignKey({
      name: 'message_edits_of_message',
      columns: [table.conversationId, table.seq],
      foreignColumns: [messages.conversationId, messages.seq],
    }).onDelete('cascade'),
  ],
);

/**
 * Messages that expire after they were read and whose time has not begun: rows of the trigger `await_reading`, which are
 * deleted when it begins, or when the message has expired before.
 */
export const messagesAwaitingReading = pgTable(
  'messages_awaiting_reading',
  {
    conversationId: uuid('conversation_id').notNull(),
    seq: counter('seq').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    senderId: uuid('sender_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq] }),
    foreignKey({
      name: 'messages_awaiting_reading_of_message',
      columns: [table.conversationId, table.seq],
      foreignColumns: [messages.conversationId, messages.seq],
    }).onDelete('cascade'),
    index('messages_awaiting_reading_of_sender').on(table.conversationId, table.senderId, table.seq),
  ],
);

/**
 * Conversations in which such a message may have been read by everybody: rows of triggers, one for each participant who
 * has read it or leaves, or is waited for no more, deleted by whoever has looked (start-expiries.ts).
 */
export const readingNotices = pgTable(
  'reading_notices',
  {
    id: bigserial('id', { mode: 'number' }).notNull(),
    tenantId: uuid('tenant_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.id] }),
    index('reading_notices_in_order').on(table.id),
  ],
);

/** When each member sent last in slow mode; written by `append_messages`, in the statement that stores the message. */
export const slowModeSends = pgTable(
  'slow_mode_sends',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    sentAt: moment('sent_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.userId] })],
);

export const reactions = pgTable(
  'reactions',
  {
    conversationId: uuid('conversation_id').notNull(),
    seq: counter('seq').notNull(),
    userId: uuid('user_id').notNull(),
    emoji: text('emoji').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq, table.userId, table.emoji] }),
    foreignKey({
      name: 'reactions_of_message',
      columns: [table.conversationId, table.seq],
      foreignColumns: [messages.conversationId, messages.seq],
    }).onDelete('cascade'),
  ],
);

/** Who votes for what, of anonymous polls too: a vote takes the place of the one before. */
export const pollVotes = pgTable(
  'poll_votes',
  {
    conversationId: uuid('conversation_id').notNull(),
    seq: counter('seq').notNull(),
    userId: uuid('user_id').notNull(),
    option: text('option').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.seq, table.userId, table.option] }),
    index('poll_votes_listed').on(table.conversationId, table.seq, table.createdAt, table.userId, table.option),
    foreignKey({
      name: 'poll_votes_of_message',
      columns: [table.conversationId, table.seq],
      foreignColumns: [messages.conversationId, messages.seq],
    }).onDelete('cascade'),
  ],
);

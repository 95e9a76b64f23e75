/**
 * Conversations and who takes part. Every primary key and unique constraint of a table that belongs to a conversation
 * includes `conversation_id`, and foreign keys stay inside the conversation, so the tables can be distributed by it.
 */
import {
  sql,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from '../../platform/database/drizzle.ts';
import { counter, json, moment } from '../../platform/database/columns.ts';

/**
 * One row is the order of one conversation: whoever holds its row lock may assign the next `seq`, the next `rev` or a
 * new `access_rev`, nobody else. No index covers a counter, so that raising one stays a HOT update; and no second index
 * starts a scan for given ids, so that the send path's plan has no choice.
 */
export const conversations = pgTable(
  'conversations',
  {
    conversationId: uuid('conversation_id').primaryKey(),
    tenantId: uuid('tenant_id').notNull(),
    kind: text('kind', { enum: ['dm', 'group', 'private', 'public'] }).notNull(),
    name: text('name'),
    topic: text('topic'),
    avatar: text('avatar'),
    metadata: json('metadata').$type<Record<string, unknown>>().notNull().default({}),
    createdBy: uuid('created_by').notNull(),
    /** The head: `seq` of the newest message. */
    lastSeq: counter('last_seq').notNull().default(0),
    lastRev: counter('last_rev').notNull().default(0),
    /** Raised when history was restored from a backup. */
    epoch: integer('epoch').notNull().default(0),
    /** Oldest `seq` that is still kept. */
    firstSeq: counter('first_seq').notNull().default(1),
    /** Raised with every change of who may do what. */
    accessRev: counter('access_rev').notNull().default(0),
    /** Participants see what was said since they joined (`participants.history_from`), not what came before. */
    historySinceJoining: boolean('history_since_joining').notNull().default(false),
    /** Who sends messages. */
    posting: text('posting', { enum: ['all', 'admins'] })
      .notNull()
      .default('all'),
    /** Slow mode: seconds between two messages of a member, 0 without. */
    slowSeconds: integer('slow_seconds').notNull().default(0),
    /** Users who do not take part may listen. */
    openToListeners: boolean('open_to_listeners').notNull().default(false),
    archivedAt: moment('archived_at'),
    deletedAt: moment('deleted_at'),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('conversations_public')
      .on(table.tenantId, table.conversationId)
      .where(sql`kind = 'public'`),
    check('conversations_kind', sql`${table.kind} in ('dm', 'group', 'private', 'public')`),
  ],
);

/** One `dm` a pair, whoever asks first: `user_a < user_b`. Belongs to the pair, not to the conversation. */
export const dmPairs = pgTable(
  'dm_pairs',
  {
    tenantId: uuid('tenant_id').notNull(),
    userA: uuid('user_a').notNull(),
    userB: uuid('user_b').notNull(),
    conversationId: uuid('conversation_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.userA, table.userB] }),
    check('dm_pairs_sorted', sql`${table.userA} < ${table.userB}`),
  ],
);

/** A row is a membership: whoever has none may neither read nor write. */
export const participants = pgTable(
  'participants',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    role: text('role', { enum: ['owner', 'admin', 'member'] })
      .notNull()
      .default('member'),
    /** May not send before this moment (`infinity`: for ever). */
    mutedUntil: moment('muted_until'),
    muteReason: text('mute_reason'),
    /** Highest `seq` that the user has read on any device; only moves forward. */
    lastReadSeq: counter('last_read_seq').notNull().default(0),
    joinedAt: moment('joined_at').notNull().defaultNow(),
    /** When the conversation was active, as of some minutes ago: sorts a user's conversations. */
    activeAt: moment('active_at').notNull().defaultNow(),
    /** Oldest `seq` that the user may see while the conversation shows history since joining; decided when joining. */
    historyFrom: counter('history_from').notNull().default(1),
    // The user's own settings. None changes with what others do, and no index covers what reading or sending changes.
    /** No notifications before this moment (`infinity`: never). */
    silentUntil: moment('silent_until'),
    /** The read position at which the user has marked it as unread: the mark holds while it stands there. */
    unreadMark: counter('unread_mark'),
    pinned: boolean('pinned').notNull().default(false),
    favourite: boolean('favourite').notNull().default(false),
    /** The head when the user hid the conversation: it shows again with the next message, and nothing is written for that. */
    hiddenSeq: counter('hidden_seq'),
    notifyLevel: text('notify_level', { enum: ['all', 'mentions', 'none'] })
      .notNull()
      .default('all'),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    foreignKey({
      name: 'participants_of_conversation',
      columns: [table.conversationId],
      foreignColumns: [conversations.conversationId],
    }).onDelete('cascade'),
    index('participants_of_user').on(table.userId, table.conversationId),
    index('participants_admins')
      .on(table.conversationId, table.joinedAt)
      .where(sql`role <> 'member'`),
    index('participants_by_joining').on(table.userId, table.joinedAt.desc()),
    index('participants_by_activity').on(table.userId, table.activeAt.desc(), table.conversationId.desc()),
    index('participants_pinned')
      .on(table.userId, table.activeAt.desc(), table.conversationId.desc())
      .where(sql`pinned`),
    index('participants_favourite')
      .on(table.userId, table.activeAt.desc(), table.conversationId.desc())
      .where(sql`favourite`),
    index('participants_hidden')
      .on(table.userId, table.activeAt.desc(), table.conversationId.desc())
      .where(sql`hidden_seq is not null`),
    check('participants_role', sql`${table.role} in ('owner', 'admin', 'member')`),
    check('participants_notify_level', sql`${table.notifyLevel} in ('all', 'mentions', 'none')`),
  ],
);

/** Users who may not come back. A ban takes the membership away and leaves this row. */
export const conversationBans = pgTable(
  'conversation_bans',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    /** The tenant's id for its back end. */
    bannedBy: uuid('banned_by').notNull(),
    bannedAt: moment('banned_at').notNull().defaultNow(),
    /** The end of the ban; for ever when absent. */
    until: moment('until'),
    reason: text('reason'),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    foreignKey({
      name: 'conversation_bans_of_conversation',
      columns: [table.conversationId],
      foreignColumns: [conversations.conversationId],
    }).onDelete('cascade'),
    index('conversation_bans_of_user').on(table.userId),
  ],
);

/** Mutes of users who are not there: kept when a membership ends, given back with the next one. */
export const keptMutes = pgTable(
  'kept_mutes',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    mutedUntil: moment('muted_until').notNull(),
    muteReason: text('mute_reason'),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    foreignKey({
      name: 'kept_mutes_of_conversation',
      columns: [table.conversationId],
      foreignColumns: [conversations.conversationId],
    }).onDelete('cascade'),
    index('kept_mutes_of_user').on(table.userId),
  ],
);

/** What each device of a participant has received. Gone with the membership. */
export const deviceCursors = pgTable(
  'device_cursors',
  {
    conversationId: uuid('conversation_id').notNull(),
    userId: uuid('user_id').notNull(),
    clientId: text('client_id').notNull(),
    tenantId: uuid('tenant_id').notNull(),
    ackedSeq: counter('acked_seq').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId, table.clientId] }),
    foreignKey({
      name: 'device_cursors_of_participant',
      columns: [table.conversationId, table.userId],
      foreignColumns: [participants.conversationId, participants.userId],
    }).onDelete('cascade'),
  ],
);

/** Where each table goes when PostgreSQL is many machines. A table that is not named here stays on one. */

/** By `conversation_id`, all in the same shards: rows of one conversation are on one machine. */
export const DISTRIBUTED: ReadonlySet<string> = new Set([
  'bookmarks',
  'card_actions',
  'conversation_bans',
  'conversations',
  'default_channels',
  'device_cursors',
  'directory_channels',
  'drafts',
  'invitation_links',
  'invitations',
  'join_requests',
  'kept_mutes',
  'mentions',
  'message_edits',
  'message_translations',
  'messages',
  'messages_awaiting_reading',
  'open_group_mentions',
  'outbox_participants',
  'participants',
  'poll_votes',
  'reactions',
  'reading_notices',
  'scheduled_messages',
  'slow_mode_sends',
  'thread_members',
  'threads',
  'usage_marks',
]);

/** A copy on each machine: statements about conversations look into them, and they change seldom. */
export const REFERENCE: ReadonlySet<string> = new Set([
  'devices',
  'tenants',
  'user_blocks',
  'user_group_members',
  'user_groups',
  'users',
]);

/** Tables that name a conversation and stay on one machine, with the reason. */
export const LOCAL_WITH_KEY: Readonly<Record<string, string>> = {
  dm_pairs: 'belongs to two users: there may be one conversation of theirs, whose id is not known before',
  reminders: 'belongs to a user, and may name no conversation',
};

/**
 * Stays on one machine, and is written in the transactions that write a conversation: a row is of a whole transaction, which
 * may be of several conversations.
 */
export const OUTBOX = 'outbox';

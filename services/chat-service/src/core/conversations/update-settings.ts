/** Raw SQL: what is named changes and is read back, with what the conversation's head makes of it, in one statement. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { ConversationSettings, UpdateSettings } from '@messagecore/protocol/features';
import { and, eq, ne } from '../../platform/database/drizzle.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { Actor } from '../identity/caller.ts';
import { commitWithEvents, type PublishEvents } from '../outbox/emit.ts';
import { userFrame } from '../outbox/events.ts';
import { holdMembership } from './own-membership.ts';
import { settingsOf } from './settings.ts';
import { participants } from './tables.ts';

export interface SettingsDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

/**
 * Changes what is named of the user's own settings, and tells the user's other sessions. They end with the membership.
 * Throws `not_found`, `not_member`, `too_large` for one more pinned conversation than may be.
 */
export function updateSettings(
  { sql, publishEvents }: SettingsDeps,
  user: Actor & { readonly sid?: string | undefined },
  cid: string,
  change: UpdateSettings,
): Promise<ConversationSettings> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await holdMembership(tx, user, cid);
    if (change.pinned === true) await checkPins(tx, user.uid, cid);
    const settings = await store(tx, user.uid, cid, change);
    await emit(userFrame(user, { t: 'event', event: 'conversation.settings', cid, data: settings }));
    return settings;
  });
}

/** Several at the same time may go a little beyond. */
async function checkPins(tx: Transaction, uid: string, cid: string): Promise<void> {
  const isOther = and(eq(participants.userId, uid), participants.pinned, ne(participants.conversationId, cid));
  const { pinnedConversations } = LIMITS;
  if ((await db(tx).$count(participants, isOther)) < pinnedConversations) return;
  throw new ChatError('too_large', `more than ${pinnedConversations} pinned conversations`);
}

async function store(
  tx: Transaction,
  uid: string,
  cid: string,
  { silentUntil, pinned, favourite, hidden, markedUnread, level }: UpdateSettings,
): Promise<ConversationSettings> {
  const [row] = await tx<{ settings: ConversationSettings }[]>`
    update participants p set
      silent_until = case when ${silentUntil !== undefined} then to_timestamp(${silentUntil ?? null}::float8 / 1000) else p.silent_until end,
      pinned = coalesce(${pinned ?? null}::boolean, p.pinned),
      favourite = coalesce(${favourite ?? null}::boolean, p.favourite),
      hidden_seq = case ${hidden ?? null}::boolean when true then c.last_seq when false then null else p.hidden_seq end,
      unread_mark = case ${markedUnread ?? null}::boolean when true then p.last_read_seq when false then null else p.unread_mark end,
      notify_level = coalesce(${level ?? null}::text, p.notify_level)
    from conversations c
    where p.conversation_id = ${cid} and p.user_id = ${uid} and c.conversation_id = p.conversation_id
    returning ${settingsOf(tx, tx`p`, tx`c.last_seq`)} as settings`;
  if (row === undefined) throw new Error('the membership ended under its lock');
  return row.settings;
}

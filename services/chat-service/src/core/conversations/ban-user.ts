/** A ban takes the membership away and keeps the user from coming back, whoever adds them (CONV-3). */
import { ChatError } from '@messagecore/protocol';
import { type SetBan } from '@messagecore/protocol/features';
import { and, eq } from 'drizzle-orm';
import { checkMay } from '../permissions/permissions.ts';
import { resolveAnyUser } from '../users/user-queries.ts';
import { db } from '../../platform/database/db.ts';
import { momentOf, now } from '../../platform/database/expressions.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
} from './conversation-transaction.ts';
import { removeMember } from './remove-participant.ts';
import { conversationBans } from './tables.ts';

const isBan = (cid: string, uid: string) =>
  and(eq(conversationBans.conversationId, cid), eq(conversationBans.userId, uid));

/**
 * Bans a user, who may take part or not; a ban that is there is replaced. Returns the user's id. Throws `not_found`,
 * `not_member`, `forbidden`.
 */
export async function banUser(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  ref: string,
  { until, reason }: SetBan,
): Promise<string> {
  const user = await resolveAnyUser(deps.sql, changer.tid, ref);
  return changeConversation(deps, changer, cid, async (held) => {
    const target = await held.personOf(user);
    checkMay('ban', held.situation, target);
    if (user === changer.uid) throw new ChatError('forbidden', 'nobody bans themselves');
    const before = await readBan(held, user);
    const values = {
      bannedBy: changer.uid ?? held.tid,
      bannedAt: now(),
      until: momentOf(until),
      reason: reason ?? null,
    };
    await db(held.tx)
      .insert(conversationBans)
      .values({ conversationId: cid, userId: user, tenantId: held.tid, ...values })
      .onConflictDoUpdate({ target: [conversationBans.conversationId, conversationBans.userId], set: values });
    const change = { before: { ...before, role: target.role }, after: { until, reason } };
    // Of the ban of one who does not take part, only the log hears.
    const changes = target.role === null ? [] : [await removeMember(held, user, 'banned')];
    return { result: user, changes, audit: [{ action: 'ban', target: `user:${user}`, ...change }] };
  });
}

/** The ban that is there, expired or not. */
async function readBan({ tx, cid }: LockedConversation, user: string): Promise<object | undefined> {
  const { until, reason } = conversationBans;
  const [ban] = await db(tx).select({ until, reason }).from(conversationBans).where(isBan(cid, user));
  return ban && termsOf(ban);
}

/** As requests give them. */
function termsOf({ until, reason }: Pick<typeof conversationBans.$inferSelect, 'until' | 'reason'>): object {
  return { until: until?.getTime() ?? null, reason };
}

/** The user may be added, or join, again. Throws `not_found`, `not_member`, `forbidden`. */
export async function liftBan(deps: ConversationDeps, changer: Changer, cid: string, ref: string): Promise<void> {
  const user = await resolveAnyUser(deps.sql, changer.tid, ref);
  return changeConversation(deps, changer, cid, async ({ tx, situation }) => {
    checkMay('ban', situation);
    const { until, reason } = conversationBans;
    const [ban] = await db(tx).delete(conversationBans).where(isBan(cid, user)).returning({ until, reason });
    if (ban === undefined) throw new ChatError('not_found', 'no such ban');
    const audit = [{ action: 'lift_ban', target: `user:${user}`, before: termsOf(ban) }];
    return { result: undefined, changes: [], audit };
  });
}

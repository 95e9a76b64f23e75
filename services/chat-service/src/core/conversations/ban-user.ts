/** A ban takes the membership away and keeps the user from coming back, whoever adds them (CONV-3). */
import { ChatError } from '@messagecore/protocol';
import { type SetBan } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { checkMay } from '../permissions/permissions.ts';
import { users } from '../users/tables.ts';
import { isNamedBy, resolveAnyUser } from '../users/user-queries.ts';
import { db } from '../../platform/database/db.ts';
import { momentOf, now } from '../../platform/database/expressions.ts';
import {
  type Change,
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
} from './conversation-transaction.ts';
import { removeMember } from './remove-participant.ts';
import { conversationBans } from './tables.ts';
import { usersNamed } from './users-named.ts';

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
  const { sql } = deps;
  const user = await usersNamed(resolveAnyUser(sql, changer, ref), { sql, caller: changer, cid, action: 'ban' });
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
    const changes = target.role === null ? endListening(held) : [await removeMember(held, user, 'banned')];
    return { result: user, changes, audit: [{ action: 'ban', target: `user:${user}`, ...change }] };
  });
}

/** Of the ban of one who does not take part, only the log hears. Where that one may listen, gateways ask who may stay. */
function endListening({ openToListeners }: LockedConversation): readonly Change<undefined>[] {
  return openToListeners ? [{ result: undefined, event: 'changed', access: true }] : [];
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

/**
 * The user may be added, or join, again. Nobody lifts a ban of their own. A guest who may ban sees no more whom it has banned:
 * found among the banned alone. Throws `not_found`, `not_member`, `forbidden`.
 */
export function liftBan(deps: ConversationDeps, changer: Changer, cid: string, ref: string): Promise<void> {
  return changeConversation(deps, changer, cid, async ({ tx, tid, situation }) => {
    checkMay('ban', situation);
    const [banned] = await db(tx)
      .select({ user: conversationBans.userId })
      .from(conversationBans)
      .innerJoin(users, eq(users.id, conversationBans.userId))
      .where(and(eq(conversationBans.conversationId, cid), isNamedBy(tid, ref)));
    if (banned === undefined) throw new ChatError('not_found', 'no such ban');
    const { user } = banned;
    if (user === changer.uid) throw new ChatError('forbidden', 'nobody lifts a ban of their own');
    const { until, reason } = conversationBans;
    const [ban] = await db(tx).delete(conversationBans).where(isBan(cid, user)).returning({ until, reason });
    if (ban === undefined) throw new ChatError('not_found', 'no such ban');
    const audit = [{ action: 'lift_ban', target: `user:${user}`, before: termsOf(ban) }];
    return { result: undefined, changes: [], audit };
  });
}

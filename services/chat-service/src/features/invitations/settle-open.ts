/** Whoever takes part has nothing open any more: what they asked for and what they were asked. */
import { and, eq } from '../../platform/database/drizzle.ts';
import type { OnAdded } from '../../core/conversations/conversation-transaction.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf } from '../../platform/database/expressions.ts';
import { tellAdmins } from './join-request-events.ts';
import { invitations, joinRequests } from './tables.ts';

/** Admins learn that there are fewer requests. */
export const settleOpen: OnAdded = async (tx, place, uids) => {
  const users = [...uids];
  const { cid } = place;
  await db(tx)
    .delete(invitations)
    .where(and(eq(invitations.conversationId, cid), isAnyOf(invitations.userId, users)));
  const { count } = await db(tx)
    .delete(joinRequests)
    .where(and(eq(joinRequests.conversationId, cid), isAnyOf(joinRequests.userId, users)));
  return count > 0 ? tellAdmins(tx, place, 'unrequested') : [];
};

export const isInvitation = (cid: string, uid: string) =>
  and(eq(invitations.conversationId, cid), eq(invitations.userId, uid));

export const isRequest = (cid: string, uid: string) =>
  and(eq(joinRequests.conversationId, cid), eq(joinRequests.userId, uid));

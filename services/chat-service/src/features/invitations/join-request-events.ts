import { and, eq, ne } from '../../platform/database/drizzle.ts';
import type { ConversationKey } from '../../core/conversations/conversation-transaction.ts';
import { participants } from '../../core/conversations/tables.ts';
import { type OutboxEvent, userEvent, usersEvents } from '../../core/outbox/events.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';

/** Of more, those who have been there longest. */
const ADMINS = 100;

/** Tells those who decide that there is a request, or one less. In the order of an index that members are not in. */
export async function tellAdmins(
  tx: Transaction,
  place: ConversationKey,
  conv: 'requested' | 'unrequested',
): Promise<OutboxEvent[]> {
  const { cid } = place;
  const admins = await db(tx)
    .select({ uid: participants.userId })
    .from(participants)
    .where(and(eq(participants.conversationId, cid), ne(participants.role, 'member')))
    .orderBy(participants.joinedAt)
    .limit(ADMINS);
  const users = admins.map(({ uid }) => uid);
  return usersEvents(place, users, { v: 1, event: 'conv', cid, conv });
}

/** Tells who asked, in all sessions, that the request is gone. */
export const requestEnded = ({ tid, cid }: ConversationKey, uid: string): OutboxEvent =>
  userEvent(tid, uid, { v: 1, event: 'conv', cid, conv: 'unrequested' });

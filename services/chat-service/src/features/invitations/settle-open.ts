/** Whoever comes in has nothing open any more: what they asked for and what they were asked. */
import { and, eq } from 'drizzle-orm';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { invitations, joinRequests } from './tables.ts';

export async function settleOpen(tx: Transaction, cid: string, uid: string): Promise<void> {
  await db(tx).delete(invitations).where(isInvitation(cid, uid));
  await db(tx).delete(joinRequests).where(isRequest(cid, uid));
}

export const isInvitation = (cid: string, uid: string) =>
  and(eq(invitations.conversationId, cid), eq(invitations.userId, uid));

export const isRequest = (cid: string, uid: string) =>
  and(eq(joinRequests.conversationId, cid), eq(joinRequests.userId, uid));

import { and, eq, inArray } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { messages, slowModeSends } from './tables.ts';

/**
 * Deletes up to `limit` of a conversation's oldest messages, with their reactions and former bodies. Returns how many were
 * deleted: less than `limit` at the end. For a deleted conversation alone, whose head nobody raises any more.
 */
export async function purgeMessages(tx: Transaction, cid: string, limit: number): Promise<number> {
  // Reactions and former bodies go with their message (foreign keys).
  const isOfIt = eq(messages.conversationId, cid);
  const oldest = db(tx).select({ seq: messages.seq }).from(messages).where(isOfIt).orderBy(messages.seq).limit(limit);
  const { count } = await db(tx)
    .delete(messages)
    .where(and(isOfIt, inArray(messages.seq, oldest)));
  return count;
}

/** Deletes up to `limit` of a deleted conversation's times of slow mode, and returns how many. */
export async function purgeSlowMode(tx: Transaction, cid: string, limit: number): Promise<number> {
  const isOfIt = eq(slowModeSends.conversationId, cid);
  const some = db(tx)
    .select({ uid: slowModeSends.userId })
    .from(slowModeSends)
    .where(isOfIt)
    .orderBy(slowModeSends.userId)
    .limit(limit);
  const { count } = await db(tx)
    .delete(slowModeSends)
    .where(and(isOfIt, inArray(slowModeSends.userId, some)));
  return count;
}

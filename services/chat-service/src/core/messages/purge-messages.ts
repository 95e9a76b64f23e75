import type { Transaction } from '../../platform/database/connect.ts';

/**
 * Deletes up to `limit` of a conversation's oldest messages, with their reactions and former bodies. Returns how many were
 * deleted: less than `limit` at the end. For a deleted conversation alone, whose head nobody raises any more.
 */
export async function purgeMessages(tx: Transaction, cid: string, limit: number): Promise<number> {
  // Reactions and former bodies go with their message (foreign keys).
  const { count } = await tx`
    delete from messages where conversation_id = ${cid} and seq in (
      select seq from messages where conversation_id = ${cid} order by seq limit ${limit}
    )`;
  return count;
}

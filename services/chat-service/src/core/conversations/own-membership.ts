import { ChatError } from '@messagecore/protocol';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { Actor } from '../identity/caller.ts';
import { readSituation } from './conversation-queries.ts';

/**
 * Keeps the user's place in the conversation from ending before the transaction does; others may change it. Throws
 * `not_found`, `not_member`. Raw SQL: a lock on one of two tables.
 */
export async function holdMembership(tx: Transaction, { tid, uid }: Actor, cid: string): Promise<void> {
  const rows = await tx`
    select from participants p join conversations c on c.conversation_id = p.conversation_id
    where p.conversation_id = ${cid} and p.user_id = ${uid} and c.tenant_id = ${tid} and c.deleted_at is null
    for key share of p`;
  if (rows.length === 0) await refuse(tx, { tid, uid }, cid);
}

/** Throws what somebody who does not take part is told: `not_found`, or `not_member`. */
async function refuse(sql: Sql | Transaction, actor: Actor, cid: string): Promise<never> {
  await readSituation(sql, actor, cid);
  throw new ChatError('not_member');
}

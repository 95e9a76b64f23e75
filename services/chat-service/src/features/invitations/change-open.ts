import { and, eq } from '../../platform/database/drizzle.ts';
import type { Changer } from '../../core/conversations/conversation-transaction.ts';
import { conversations as rows } from '../../core/conversations/tables.ts';
import { commitWithEvents, type Emit } from '../../core/outbox/emit.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { InvitationsDeps } from './deps.ts';

/**
 * Runs what opens or closes a way into a conversation, in the conversation's turn. The conversation is held first, as by
 * whoever changes it: names of bounds and rows of ways come after it, so that none of them waits for the other, and nobody's
 * rights or membership change until the transaction ends. Sends go on meanwhile.
 */
export function changeOpen<T>(
  { conversations, publishEvents }: InvitationsDeps,
  { tid, uid }: Changer,
  cid: string,
  work: (tx: Transaction, emit: Emit) => Promise<T>,
): Promise<T> {
  const { inTurn, manage } = conversations;
  return inTurn({ tid, uid, of: cid }, () =>
    commitWithEvents(manage, publishEvents, async (tx, emit) => {
      await db(tx)
        .select({ cid: rows.conversationId })
        .from(rows)
        .where(and(eq(rows.conversationId, cid), eq(rows.tenantId, tid)))
        .for('key share');
      return work(tx, emit);
    }),
  );
}

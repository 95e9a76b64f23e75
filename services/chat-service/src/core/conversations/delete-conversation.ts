import { and, eq } from '../../platform/database/drizzle.ts';
import { checkMay } from '../permissions/permissions.ts';
import { type Changer, changeConversation, type ConversationDeps } from './conversation-transaction.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { startPurge } from './purge-conversation.ts';
import { conversations, dmPairs } from './tables.ts';

/**
 * Takes the conversation away from everybody. Its rows are purged an hour later; a deleted `dm` makes room for a new one of
 * the same pair. Throws `not_found`, `not_member`, `forbidden`.
 */
export function deleteConversation(deps: ConversationDeps, changer: Changer, cid: string): Promise<void> {
  return changeConversation(deps, changer, cid, async ({ tx, tid, situation }) => {
    checkMay('delete', situation);
    await db(tx).update(conversations).set({ deletedAt: now() }).where(eq(conversations.conversationId, cid));
    const isPair = and(eq(dmPairs.tenantId, tid), eq(dmPairs.conversationId, cid));
    if (situation.kind === 'dm') await db(tx).delete(dmPairs).where(isPair);
    await startPurge(tx, tid, cid);
    const { kind, archived } = situation;
    const audit = [{ action: 'delete_conversation', target: `conversation:${cid}`, before: { kind, archived } }];
    return { result: undefined, event: 'deleted', notify: 'participants', access: true, audit };
  });
}

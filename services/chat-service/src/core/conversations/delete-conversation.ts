import { checkMayDelete } from '../permissions/permissions.ts';
import { type Changer, changeConversation, type ConversationDeps } from './conversation-transaction.ts';
import { startPurge } from './purge-conversation.ts';

/**
 * Takes the conversation away from everybody. Its rows are purged an hour later; a deleted `dm` makes room for a new one of
 * the same pair. Throws `not_found`, `not_member`, `forbidden`.
 */
export function deleteConversation(deps: ConversationDeps, changer: Changer, cid: string): Promise<void> {
  return changeConversation(deps, changer, cid, async ({ tx, tid, kind, standing }) => {
    checkMayDelete(kind, standing);
    await tx`update conversations set deleted_at = now() where conversation_id = ${cid}`;
    if (kind === 'dm') await tx`delete from dm_pairs where tenant_id = ${tid} and conversation_id = ${cid}`;
    await startPurge(tx, tid, cid);
    return { result: undefined, event: 'deleted', notify: 'participants', access: true };
  });
}

import { checkMayDelete } from '../domain/permissions.ts';
import { type Changer, moderateConversation, type ConversationDeps } from './in-conversation.ts';

/**
 * Takes the conversation away from everybody. Its rows stay until retention removes them; a deleted `dm` makes room for
 * a new one of the same pair. Throws `not_found`, `not_member`, `forbidden`.
 */
export function deleteConversation(deps: ConversationDeps, changer: Changer, cid: string): Promise<void> {
  return moderateConversation(deps, changer, cid, async ({ tx, tid, kind, standing }) => {
    checkMayDelete(kind, standing);
    await tx`update conversations set deleted_at = now() where conversation_id = ${cid}`;
    if (kind === 'dm') await tx`delete from dm_pairs where tenant_id = ${tid} and conversation_id = ${cid}`;
    const members = await tx<{ uid: string }[]>`
      select user_id as uid from participants where conversation_id = ${cid}`;
    return { result: undefined, event: 'deleted', tell: members.map(({ uid }) => uid), access: true };
  });
}

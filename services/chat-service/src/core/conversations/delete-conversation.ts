import { checkMayDelete } from '../permissions/permissions.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { type Changer, moderateConversation, type ConversationDeps } from './conversation-transaction.ts';
import { startPurge } from './purge-conversation.ts';

/** Participants read at once to be told. */
const PAGE = 1_000;

/**
 * Takes the conversation away from everybody. Its rows are purged an hour later; a deleted `dm` makes room for a new one of
 * the same pair. Throws `not_found`, `not_member`, `forbidden`.
 */
export function deleteConversation(deps: ConversationDeps, changer: Changer, cid: string): Promise<void> {
  return moderateConversation(deps, changer, cid, async ({ tx, tid, kind, standing }) => {
    checkMayDelete(kind, standing);
    await tx`update conversations set deleted_at = now() where conversation_id = ${cid}`;
    if (kind === 'dm') await tx`delete from dm_pairs where tenant_id = ${tid} and conversation_id = ${cid}`;
    await startPurge(tx, tid, cid);
    return { result: undefined, event: 'deleted', tell: membersOf(deps.sql, cid), access: true };
  });
}

/** Page by page. Nobody comes or goes any more: the conversation is deleted by then. */
async function* membersOf(sql: Sql, cid: string): AsyncGenerator<readonly string[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await sql<{ uid: string }[]>`
      select user_id as uid from participants where conversation_id = ${cid} and user_id > ${after}
      order by user_id limit ${PAGE}`;
    yield rows.map(({ uid }) => uid);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.uid;
  }
}

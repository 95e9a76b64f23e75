/** Raw SQL: so many rows at most of those that lead to a conversation. */
import { type ConversationData, rowsOfConversation } from '../../core/conversations/conversation-data.ts';

export const waysTo: readonly ConversationData[] = [
  rowsOfConversation(
    'invitations',
    (tx, cid, most) => tx`
      delete from invitations where ctid = any(array(
        select ctid from invitations where conversation_id = ${cid} limit ${most}
      ))`,
  ),
  rowsOfConversation(
    'invitation links',
    (tx, cid, most) => tx`
      delete from invitation_links where ctid = any(array(
        select ctid from invitation_links where conversation_id = ${cid} limit ${most}
      ))`,
  ),
  rowsOfConversation(
    'requests to join',
    (tx, cid, most) => tx`
      delete from join_requests where ctid = any(array(
        select ctid from join_requests where conversation_id = ${cid} limit ${most}
      ))`,
  ),
];

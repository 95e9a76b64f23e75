/** Raw SQL: so many rows at most of those that name a user or a conversation. */
import { type ConversationData, rowsOfConversation } from '../../core/conversations/conversation-data.ts';
import { rowsOfUser } from '../../core/users/user-data.ts';

export const scheduledOfUser = rowsOfUser(
  'scheduled messages',
  (tx, { uid }, most) => tx`
    delete from scheduled_messages where ctid = any(array(
      select ctid from scheduled_messages where user_id = ${uid} limit ${most}
    ))`,
);

export const scheduledOfConversation: readonly ConversationData[] = [
  rowsOfConversation(
    'scheduled messages',
    (tx, cid, most) => tx`
      delete from scheduled_messages where ctid = any(array(
        select ctid from scheduled_messages where conversation_id = ${cid} limit ${most}
      ))`,
  ),
];

/** Raw SQL: so many rows at most of those that name a user or a conversation. */
import { type ConversationData, rowsOfConversation } from '../../core/conversations/conversation-data.ts';
import { rowsOfUser } from '../../core/users/user-data.ts';

export const threadMembersOfUser = rowsOfUser(
  'members of threads',
  (tx, { uid }, most) => tx`
    delete from thread_members where ctid = any(array(
      select ctid from thread_members where user_id = ${uid} limit ${most}
    ))`,
);

export const threadRows: readonly ConversationData[] = [
  rowsOfConversation(
    'threads',
    (tx, cid, most) => tx`
      delete from threads where ctid = any(array(select ctid from threads where conversation_id = ${cid} limit ${most}))`,
  ),
  rowsOfConversation(
    'members of threads',
    (tx, cid, most) => tx`
      delete from thread_members where ctid = any(array(
        select ctid from thread_members where conversation_id = ${cid} limit ${most}
      ))`,
  ),
];

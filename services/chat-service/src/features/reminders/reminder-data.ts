/** Raw SQL: so many rows at most of those that name a user or a conversation. */
import { type ConversationData, rowsOfConversation } from '../../core/conversations/conversation-data.ts';
import { rowsOfUser } from '../../core/users/user-data.ts';

export const remindersOfUser = rowsOfUser(
  'reminders',
  (tx, { uid }, most) => tx`
    delete from reminders where ctid = any(array(select ctid from reminders where user_id = ${uid} limit ${most}))`,
);

export const remindersOfConversation: readonly ConversationData[] = [
  rowsOfConversation(
    'reminders',
    (tx, cid, most) => tx`
      delete from reminders where ctid = any(array(
        select ctid from reminders where conversation_id = ${cid} limit ${most}
      ))`,
  ),
];

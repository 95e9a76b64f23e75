/** Raw SQL: so many rows at most of those that name a user or a conversation. */
import { type ConversationData, rowsOfConversation } from '../../core/conversations/conversation-data.ts';
import { rowsOfUser } from '../../core/users/user-data.ts';

export const bookmarksOfUser = rowsOfUser(
  'bookmarks',
  (tx, { uid }, most) => tx`
    delete from bookmarks where ctid = any(array(select ctid from bookmarks where user_id = ${uid} limit ${most}))`,
);

export const bookmarksOfConversation: readonly ConversationData[] = [
  rowsOfConversation(
    'bookmarks',
    (tx, cid, most) => tx`
      delete from bookmarks where ctid = any(array(
        select ctid from bookmarks where conversation_id = ${cid} limit ${most}
      ))`,
  ),
];

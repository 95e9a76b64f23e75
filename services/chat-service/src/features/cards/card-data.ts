/** Raw SQL: so many rows at most of those that name a user or a conversation. */
import { type ConversationData, rowsOfConversation } from '../../core/conversations/conversation-data.ts';
import { rowsOfUser } from '../../core/users/user-data.ts';

/** What the user did with cards, and what others did with the user's. */
export const actionsOfUser = rowsOfUser(
  'card actions',
  (tx, { uid }, most) => tx`
    delete from card_actions where ctid = any(array(
      select ctid from card_actions where actor_id = ${uid} or owner_id = ${uid} limit ${most}
    ))`,
);

export const actionsOfConversation: ConversationData = rowsOfConversation(
  'card actions',
  (tx, cid, most) => tx`
    delete from card_actions where ctid = any(array(
      select ctid from card_actions where conversation_id = ${cid} limit ${most}
    ))`,
);

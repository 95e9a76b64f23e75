/** Raw SQL: so many rows at most of those that name a user or a conversation. */
import { rowsOfConversation } from '../../core/conversations/conversation-data.ts';
import { rowsOfUser } from '../../core/users/user-data.ts';

export const mentionsOfUser = rowsOfUser(
  'mentions',
  (tx, { uid }, most) => tx`
    delete from mentions where ctid = any(array(select ctid from mentions where user_id = ${uid} limit ${most}))`,
);

export const mentionRows = rowsOfConversation(
  'mentions',
  (tx, cid, most) => tx`
    delete from mentions where ctid = any(array(select ctid from mentions where conversation_id = ${cid} limit ${most}))`,
);

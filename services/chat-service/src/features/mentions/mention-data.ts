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
  // Those that are open are of the last second.
  (tx, cid, most) => tx`
    with open as (delete from open_group_mentions where conversation_id = ${cid})
    delete from mentions where ctid = any(array(select ctid from mentions where conversation_id = ${cid} limit ${most}))`,
);

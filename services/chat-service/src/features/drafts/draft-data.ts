/** Raw SQL: so many rows at most of those that name a user. */
import { rowsOfUser } from '../../core/users/user-data.ts';

export const draftData = rowsOfUser(
  'drafts',
  (tx, { uid }, most) => tx`
    delete from drafts where ctid = any(array(
      select d.ctid from participants p
      join drafts d on d.conversation_id = p.conversation_id and d.user_id = p.user_id
      where p.user_id = ${uid} limit ${most}
    ))`,
);

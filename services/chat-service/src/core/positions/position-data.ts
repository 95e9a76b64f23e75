/** Raw SQL: so many rows at most of those that name a user. */
import { rowsOfUser } from '../users/user-data.ts';

/** What the user's devices have received. How far the user has read stays with the membership, of a user without a name. */
export const positionData = rowsOfUser(
  'positions of devices',
  (tx, { uid }, most) => tx`
    delete from device_cursors where ctid = any(array(
      select c.ctid from participants p
      join device_cursors c on c.conversation_id = p.conversation_id and c.user_id = p.user_id
      where p.user_id = ${uid} limit ${most}
    ))`,
);

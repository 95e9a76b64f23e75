/** Raw SQL: so many rows at most of those that name a user. */
import { rowsOfUser } from '../../core/users/user-data.ts';

export const membershipsOfUser = rowsOfUser(
  'user groups',
  (tx, { uid }, most) => tx`
    delete from user_group_members
    where ctid = any(array(select ctid from user_group_members where user_id = ${uid} limit ${most}))`,
);

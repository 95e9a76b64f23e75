import type { UserData } from '../../core/users/user-data.ts';
import { lockGroupsOf } from './lock-groups.ts';

/** Raw SQL: so many rows at most of those that name a user. */
export const membershipsOfUser: UserData = {
  name: 'user groups',
  async erase(tx, { uid }, most) {
    await lockGroupsOf(tx, uid);
    const { count } = await tx`
      delete from user_group_members
      where ctid = any(array(select ctid from user_group_members where user_id = ${uid} limit ${most}))`;
    return count;
  },
};

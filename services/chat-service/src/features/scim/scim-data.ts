import type { UserData } from '../../core/users/user-data.ts';

/** Raw SQL: so many rows at most of those that name a user, or one who was merged into it. */
export const scimData: UserData = {
  name: 'directory',
  async erase(tx, { tid, uid }, most) {
    const ids = tx`(select id from users where id = ${uid} or merged_into = ${uid})`;
    const { count } = await tx`
      delete from scim_members where ctid = any(array(
        select ctid from scim_members where tenant_id = ${tid} and user_id in ${ids} limit ${most}
      ))`;
    if (count < most) await tx`delete from scim_users where tenant_id = ${tid} and user_id in ${ids}`;
    return count;
  },
};

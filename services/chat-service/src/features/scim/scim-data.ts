import type { UserData } from '../../core/users/user-data.ts';

/** Raw SQL: so many rows at most of those that name a user. */
export const scimData: UserData = {
  name: 'directory',
  async erase(tx, { tid, uid }, most) {
    const { count } = await tx`
      delete from scim_members where ctid = any(array(
        select ctid from scim_members where tenant_id = ${tid} and user_id = ${uid} limit ${most}
      ))`;
    if (count === most) return count;
    await tx`delete from scim_users where tenant_id = ${tid} and user_id = ${uid}`;
    await tx`delete from scim_former_users where tenant_id = ${tid} and user_id = ${uid}`;
    return count;
  },
};

import type { UserData } from '../../core/users/user-data.ts';

/** Raw SQL: so many rows at most of those that name a user. */
export const identityData: UserData = {
  name: 'identities',
  async erase(tx, { uid }, most) {
    const { count } = await tx`
      delete from external_identities where ctid = any(array(
        select ctid from external_identities where user_id = ${uid} limit ${most}
      ))`;
    return count;
  },
};

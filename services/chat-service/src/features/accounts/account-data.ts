import type { UserData } from '../../core/users/user-data.ts';

/**
 * The address, the password, the second factor and the passkeys, and where the user signs in. The account itself is the last row to go:
 * by its address the mails are found.
 *
 * Raw SQL: so many rows at most of those that name a user.
 */
export const accountData: UserData = {
  name: 'account',
  async erase(tx, { tid, uid }, most) {
    const { count } = await tx`
      delete from sign_ins where ctid = any(array(select ctid from sign_ins where user_id = ${uid} limit ${most}))`;
    if (count === most) return count;
    await tx`
      delete from account_tokens t using accounts a
      where a.tenant_id = ${tid} and a.user_id = ${uid} and t.tenant_id = a.tenant_id and t.email = a.email`;
    await tx`delete from recovery_codes where tenant_id = ${tid} and user_id = ${uid}`;
    await tx`delete from passkeys where tenant_id = ${tid} and user_id = ${uid}`;
    await tx`delete from accounts where tenant_id = ${tid} and user_id = ${uid}`;
    return count;
  },
};

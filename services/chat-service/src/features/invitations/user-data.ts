import type { UserData } from '../../core/users/user-data.ts';

/**
 * What the user was invited to, asked for, and opened for others.
 *
 * Raw SQL: so many rows at most of those that name a user.
 */
export const waysIn: readonly UserData[] = [
  {
    name: 'invitations',
    async erase(tx, { uid }, most) {
      const { count } = await tx`
        delete from invitations where ctid = any(array(
          select ctid from invitations where user_id = ${uid} or invited_by = ${uid} limit ${most}
        ))`;
      return count;
    },
  },
  {
    name: 'invitation links',
    async erase(tx, { uid }, most) {
      const { count } = await tx`
        delete from invitation_links where ctid = any(array(
          select ctid from invitation_links where created_by = ${uid} limit ${most}
        ))`;
      return count;
    },
  },
  {
    name: 'requests to join',
    async erase(tx, { uid }, most) {
      const { count } = await tx`
        delete from join_requests where ctid = any(array(
          select ctid from join_requests where user_id = ${uid} limit ${most}
        ))`;
      return count;
    },
  },
];

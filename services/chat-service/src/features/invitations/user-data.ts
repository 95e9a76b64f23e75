/** Raw SQL: so many rows at most of those that name a user. */
import { rowsOfUser, type UserData } from '../../core/users/user-data.ts';

/** What the user was invited to, asked for, and opened for others. */
export const waysIn: readonly UserData[] = [
  rowsOfUser(
    'invitations',
    (tx, { uid }, most) => tx`
      delete from invitations where ctid = any(array(
        select ctid from invitations where user_id = ${uid} or invited_by = ${uid} limit ${most}
      ))`,
  ),
  rowsOfUser(
    'invitation links',
    (tx, { uid }, most) => tx`
      delete from invitation_links where ctid = any(array(
        select ctid from invitation_links where created_by = ${uid} limit ${most}
      ))`,
  ),
  rowsOfUser(
    'requests to join',
    (tx, { uid }, most) => tx`
      delete from join_requests where ctid = any(array(
        select ctid from join_requests where user_id = ${uid} limit ${most}
      ))`,
  ),
];

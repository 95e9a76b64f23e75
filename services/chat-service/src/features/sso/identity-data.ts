/** Raw SQL: so many rows at most of those that name a user, or one who was merged into it. */
import { rowsOfUser } from '../../core/users/user-data.ts';

/** Who the user is to identity providers. */
export const identityData = rowsOfUser(
  'identities',
  (tx, { uid }, most) => tx`
    delete from external_identities where ctid = any(array(
      select ctid from external_identities
      where user_id in (select id from users where id = ${uid} or merged_into = ${uid}) limit ${most}
    ))`,
);

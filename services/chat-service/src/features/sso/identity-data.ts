/** Raw SQL: so many rows at most of those that name a user. */
import { rowsOfUser } from '../../core/users/user-data.ts';

/** Who the user is to identity providers. */
export const identityData = rowsOfUser(
  'identities',
  (tx, { uid }, most) => tx`
    delete from external_identities where ctid = any(array(
      select ctid from external_identities where user_id = ${uid} limit ${most}
    ))`,
);

/** Raw SQL: a function of the database. */
import type { UserData } from '../users/user-data.ts';

/**
 * Messages that wait until an erased user has read them wait no more (EXPR-9). This comes after the commit of the erasure:
 * whoever looks from then on counts the user out, and what was stored before is seen here.
 */
export const readerData: UserData = {
  name: 'messages that wait for the user',
  async erase(tx, { uid }) {
    await tx`select notice_reader(${uid})`;
    return 0;
  },
};

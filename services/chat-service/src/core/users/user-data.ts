import type { Fragment, Transaction } from '../../platform/database/connect.ts';
import type { Actor } from '../identity/caller.ts';

/** What a part of the product keeps about users, so much that it is erased in pieces. */
export interface UserData {
  /** Of the step that erases it, for whoever looks at the progress. */
  readonly name: string;
  /** Erases at most `most` rows and returns how many; called again until there were less. */
  readonly erase: (tx: Transaction, user: Actor, most: number) => Promise<number>;
}

/** Rows of one table that name a user; the statement deletes at most `most` of them. */
export function rowsOfUser(
  name: string,
  statement: (tx: Transaction, user: Actor, most: number) => Fragment,
): UserData {
  return { name, erase: async (...given) => (await statement(...given)).count };
}

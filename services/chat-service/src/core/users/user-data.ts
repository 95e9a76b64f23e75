import type { Actor } from '../identity/caller.ts';
import type { Transaction } from '../../platform/database/connect.ts';

/** What a part of the product keeps about users, so much that it is erased in pieces. */
export interface UserData {
  /** Of the step that erases it, for whoever looks at the progress. */
  readonly name: string;
  /** Erases at most `most` rows and returns how many; called again until there were less. */
  readonly erase: (tx: Transaction, user: Actor, most: number) => Promise<number>;
}

import type { Fragment, Transaction } from '../../platform/database/connect.ts';

/** What a part of the product keeps about conversations; it is purged with them, in pieces. */
export interface ConversationData {
  /** Of the step that purges it. */
  readonly name: string;
  /** Deletes at most `most` rows and returns how many; called again until there were less. */
  readonly purge: (tx: Transaction, cid: string, most: number) => Promise<number>;
}

/** Rows of one table that name a conversation; the statement deletes at most `most` of them. */
export function rowsOfConversation(
  name: string,
  statement: (tx: Transaction, cid: string, most: number) => Fragment,
): ConversationData {
  return { name, purge: async (...given) => (await statement(...given)).count };
}

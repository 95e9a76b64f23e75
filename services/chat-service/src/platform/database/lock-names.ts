import type { Transaction } from './connect.ts';

/**
 * Until the transaction ends nobody else holds one of these names: for what has no row that could be locked, such as a
 * number of rows. Names are locked in one order, so that those who lock several do not wait for each other; whoever locks
 * names and conversations locks the conversation first.
 */
export async function lockNames(tx: Transaction, names: readonly string[]): Promise<void> {
  await tx`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(name, 0) as key from unnest(${[...names]}::text[]) as name order by key
    ) keys`;
}

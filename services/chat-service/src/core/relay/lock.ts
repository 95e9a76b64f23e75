/** Raw SQL: settings and locks, no tables. */
import type { Transaction } from '../../platform/database/connect.ts';

/** How long the transaction may take over things that are not PostgreSQL's; 0 is without end. Milliseconds. */
export interface Patience {
  /** One statement: that of a cursor runs from its first row to its last. */
  readonly statement: number;
  /** Between two statements. */
  readonly idle: number;
}

/**
 * Takes an advisory lock that ends with the transaction, for work that waits for the bus while it holds it: the session's
 * own time-outs, which are for transactions that wait for nobody, would end it half way. False when another has the lock.
 */
export async function lockFor(tx: Transaction, key: number, { statement, idle }: Patience): Promise<boolean> {
  const [lock] = await tx<{ mine: boolean }[]>`
    select set_config('statement_timeout', ${String(statement)}, true),
      set_config('idle_in_transaction_session_timeout', ${String(idle)}, true),
      pg_try_advisory_xact_lock(${key}) as mine`;
  return lock?.mine === true;
}

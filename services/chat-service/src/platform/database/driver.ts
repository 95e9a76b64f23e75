/**
 * The PostgreSQL client library (postgres 3.4.9) with `patches/postgres+3.4.9.patch`, which is applied when packages are
 * installed (npm's `postinstall`), until a release mends these faults:
 *
 * - A small write waits for the end of the turn. When the connection is closed before that, the library throws where nobody
 *   can catch it, and the process ends. Patched: what was to be written fails with the connection.
 * - Closing clears the pending write but does not forget it. That connection of the pool then believes for ever that a
 *   write is about to happen, and never writes again. Patched: it forgets it, and the bytes with it.
 * - A statement that fails after its first rows leaves their number behind, and the next answer over that connection begins
 *   with as many holes. Patched: every statement counts from 0.
 * - A statement that is given to a connection between its error and its close is forgotten, and after the reconnection
 *   counts as done, with an empty answer. Patched: it fails with the connection.
 * - Nobody handles the failure of the question for array types that a new connection begins with: the process ends.
 *   Patched: the query for which the connection was made fails, as it did before, and that is all.
 * - A session that is left inside a transaction that nobody owns, a failed one too, is used on: what is stored there is never
 *   committed. Patched: its connection is broken, and what was asked over it fails.
 * - A session in which PostgreSQL refuses to write (25006) is kept, though it may be that session's state alone, or that of
 *   a server which another one has replaced. Patched: the connection ends when nothing is asked over it, and is made anew.
 * - A transaction, or a reserved session, whose connection was lost goes on over the connection that is made in its place, for
 *   others: its `rollback` or next statement takes their answers, and theirs run outside of any transaction. Patched: it has
 *   failed with its connection, and whatever it still says fails too.
 * - What a server says before it closes a connection (that it is being shut down, that it cannot be reached behind a pooler) is
 *   taken for the answer to the next connection: its first query fails with it, and it never asks for the types of arrays,
 *   so that all arrays come as text for as long as it lives. Patched: it is forgotten with the connection.
 * - With several hosts, those that do not answer are tried for ever without a pause, and a socket factory never learns which
 *   one is wanted. Patched: the factory is told which connection asks, and judges the server that has let it in (`judge`).
 * - A statement is written behind another one whose answer is still to come. A pooler in transaction mode takes the server away
 *   with that answer, and the statement is never answered, if it is one that the library first asks the types of: those with
 *   parameters. Patched: behind a pooler, a connection takes one statement at a time, except in a transaction.
 * - Nobody can see whether the server owes an answer. Patched: the connection says so (`isWaiting`; silence.ts).
 *
 * And two things that it cannot do, which poolers in transaction mode need (session-settings.ts): settings in the packet of
 * `begin`, and settings in front of a statement that is a transaction of its own (`opening`).
 *
 * The tests of each: driver.int.test.ts; of hosts and read-only sessions failover.int.test.ts; of poolers pooler.int.test.ts.
 */
import postgres from 'postgres';

export type Driver = typeof postgres;

/** The patch states its number in the library (`messagecorePatch`). Raise both when the patch changes. */
const PATCH = 5;

/** The patched library. @throws Error saying what to do when it is not patched, or by another patch. */
export function loadDriver(): Driver {
  return checkPatched(postgres);
}

/** @throws Error saying what to do. */
export function checkPatched(library: Driver): Driver {
  const { messagecorePatch: found } = library as { readonly messagecorePatch?: number };
  if (found === PATCH) return library;
  throw new Error(
    `the PostgreSQL client library ${found === undefined ? 'is not patched' : `has patch ${found} instead of ${PATCH}`}: ` +
      (found === undefined ? 'run "npx patch-package" (npm ci --ignore-scripts leaves it out)' : 'run "npm ci"'),
  );
}

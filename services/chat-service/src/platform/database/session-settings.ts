/**
 * The settings that a session must have for our statements to be right, whatever the server's, the database's or the
 * role's own are: `default_transaction_read_only` alone is left to the operator, who stops all writes by it.
 *
 * A direct connection asks for all of them when it is made. A pooler in transaction mode takes only those that it follows by
 * itself; the rest goes with every transaction, in the packet that begins it: after `begin`, and before a statement that is
 * a transaction of its own.
 */

export interface SessionLimits {
  /** A statement that runs longer is cancelled by the server; 0 for none. Milliseconds. */
  readonly statementTimeoutMs: number;
}

/** Nobody waits longer for a row. */
const LOCK_TIMEOUT_MS = 3_000;
/** A transaction whose process hangs lets go of its rows. */
const IDLE_TIMEOUT_MS = 5_000;

/** `append_batch` and all that locks first and reads then need a snapshot for every statement. */
const ISOLATION = 'read committed';

/** Those that PgBouncer carries from one server connection to the next. The client library reads dates as ISO has them. */
const FOLLOWED = { TimeZone: 'UTC', DateStyle: 'ISO, MDY', standard_conforming_strings: 'on' };

function carried({ statementTimeoutMs }: SessionLimits): Readonly<Record<string, string>> {
  return {
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: String(LOCK_TIMEOUT_MS),
    idle_in_transaction_session_timeout: String(IDLE_TIMEOUT_MS),
    // Our array literals mean NULL where they say it.
    array_nulls: 'on',
    // Statements of functions that read a few rows look expensive to the planner: where PostgreSQL was built with LLVM, each of
    // them would be compiled, for a tenth of a second, to run for a millisecond (docs/decisions/0106-other-postgresqls.md).
    jit: 'off',
  };
}

/**
 * A prepared statement keeps its plan until its tables are analysed again. One that was prepared while they were small would
 * go on reading them whole, as nothing was cheaper then. Where nothing is prepared, statements are planned each time.
 */
const PLANNED_ONCE = { enable_seqscan: 'off' };

/** What a connection asks for when it is made. */
export function startupSettings(limits: SessionLimits, pooled: boolean): Readonly<Record<string, string>> {
  if (pooled) return FOLLOWED;
  return { ...FOLLOWED, default_transaction_isolation: ISOLATION, ...carried(limits), ...PLANNED_ONCE };
}

/** What stands behind `begin`. */
export function beginOptions(limits: SessionLimits): string {
  const settings = Object.entries(carried(limits)).map(([name, value]) => `set local ${name} = '${value}'`);
  return [`isolation level ${ISOLATION}`, ...settings].join('; ');
}

/** Statements to go before one that is a transaction of its own. Neither counts as a transaction's first query. */
export function openingStatements(limits: SessionLimits): readonly string[] {
  const settings = Object.entries(carried(limits)).map(([name, value]) => `set_config('${name}', '${value}', true)`);
  return [`set transaction_isolation = '${ISOLATION}'`, `select ${settings.join(', ')}`];
}

/** What every transaction must find in force, as `current_setting` tells it. */
export function expectedSettings(limits: SessionLimits): Readonly<Record<string, string>> {
  return { ...FOLLOWED, transaction_isolation: ISOLATION, ...carried(limits) };
}

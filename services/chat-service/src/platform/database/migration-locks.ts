/**
 * How a migration waits for locks, so that no send waits behind it for longer than it may.
 *
 * Whoever asks for an exclusive lock of a table makes everybody who comes later wait behind it, whether it gets the lock or
 * not. Sends wait a second for a lock (`append_messages`). So a migration asks for a shorter time, gives up, lets through
 * who waits, and asks again.
 *
 * Autovacuum holds its table's lock for as long as it works, gives way only to who has waited for `deadlock_timeout`, a
 * second by default, and would never give way to such short requests. So the next attempt first takes the lock that
 * autovacuum has: nobody who reads or writes waits behind that one, and no other autovacuum begins while it is held.
 */
import { Backoff, systemClock } from '@messagecore/kernel';
import type { Sql } from './connect.ts';

/** Less than what sends wait for a lock, with room for the send itself. */
const LOCK_TIMEOUT_MS = 300;

/** Of what stops no traffic: an index that is built beside it waits for all transactions that are older. */
const CONCURRENT_LOCK_TIMEOUT_MS = 1_800_000;

/** Longer than `deadlock_timeout`, so that autovacuum gives way. */
const VACUUM_LOCK_TIMEOUT_MS = 3_000;

/** Of a statement in a transaction, whose locks hold up sends until it ends. */
const STATEMENT_TIMEOUT_MS = 10_000;

const PAUSE_MS = { min: 100, max: 5_000 };

/** A lock that was not got in time, or two that waited for each other. */
const NOT_GOT = /^(?:55P03|40P01)$/;

export interface Waiting {
  /** How long a migration is tried again while its locks cannot be got, in milliseconds. */
  readonly forMs: number;
  /** Called for each attempt that got no lock. */
  readonly onWait: (error: unknown) => void;
}

/**
 * Runs the statements in a transaction, again and again until it gets its locks. They go in one message: no lock is held while
 * this process, which may be a busy one, is waited for.
 *
 * @throws what the last attempt threw.
 */
export async function inBriefTransaction(sql: Sql, waiting: Waiting, statements: readonly string[]): Promise<void> {
  let vacuumed: readonly string[] = [];
  const attempt = async () => {
    const all = [
      ...(vacuumed.length > 0 ? [timeOut('lock_timeout', VACUUM_LOCK_TIMEOUT_MS)] : []),
      ...vacuumed.map((table) => `lock table ${table} in share update exclusive mode`),
      timeOut('lock_timeout', LOCK_TIMEOUT_MS),
      timeOut('statement_timeout', STATEMENT_TIMEOUT_MS),
      ...statements,
    ];
    // Several statements in one message are one transaction. A comment may end a statement, so that `;` is on its own line.
    await sql.unsafe(all.join('\n;\n')).simple();
  };
  await untilGot(attempt, waiting, async () => {
    vacuumed = await tablesUnderVacuum(sql);
  });
}

/** Until the transaction ends. */
function timeOut(name: string, ms: number): string {
  return `select set_config('${name}', '${ms}', true)`;
}

/** Runs one statement outside of a transaction, which may be repeated. @throws what the last attempt threw. */
export async function runApart(sql: Sql, waiting: Waiting, statement: string): Promise<void> {
  const isConcurrent = /\bconcurrently\b/i.test(statement);
  const timeout = isConcurrent ? CONCURRENT_LOCK_TIMEOUT_MS : LOCK_TIMEOUT_MS;
  await sql`select set_config('lock_timeout', ${String(timeout)}, false)`;
  // An index that was not finished is there, and invalid: the next run of the program begins by dropping it.
  if (isConcurrent) await sql.unsafe(statement);
  else
    await untilGot(
      async () => void (await sql.unsafe(statement)),
      waiting,
      async () => {},
    );
}

async function untilGot(
  attempt: () => Promise<void>,
  { forMs, onWait }: Waiting,
  beforeNext: () => Promise<void>,
): Promise<void> {
  const backoff = new Backoff({ minMs: PAUSE_MS.min, maxMs: PAUSE_MS.max });
  const deadline = systemClock.monotonic() + forMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isNotGot(error) || systemClock.monotonic() >= deadline) throw error;
      onWait(error);
      await beforeNext();
      await new Promise<void>((resolve) => systemClock.setTimeout(resolve, backoff.next()));
    }
  }
}

function isNotGot(error: unknown): boolean {
  return error instanceof Error && NOT_GOT.test(String(Reflect.get(error, 'code')));
}

/** Tables that somebody holds with the lock of vacuum, in an order that all take them in. */
async function tablesUnderVacuum(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    select distinct format('%I.%I', n.nspname, c.relname) as name
    from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
    where l.database = (select oid from pg_database where datname = current_database())
      and l.mode = 'ShareUpdateExclusiveLock' and l.granted and c.relkind = 'r' and n.nspname = current_schema()
    order by name`;
  return rows.map(({ name }) => name);
}

/**
 * A mark is a point in the WAL, with the count and the checksum of every table at that point: who restores to it can tell that
 * every row is there. Writes stand still from the moment when all tables are locked until there is a snapshot: milliseconds.
 */
import type { Sql } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import { retryLocks } from '../installation/retry-locks.ts';
import { sumsOf, type TableSum, tablesOf } from '../installation/table-sums.ts';

export interface Mark {
  /** Of the restore point. */
  readonly name: string;
  /** By the server's clock. */
  readonly at: string;
  /** How long writes stood still. */
  readonly stoppedMs: number;
  readonly tables: readonly TableSum[];
}

/** `sql` has two connections or more. @throws what PostgreSQL says, as when the role may not lock a table. */
export async function takeMark(sql: Sql, name: string, onTable?: (done: number, of: number) => void): Promise<Mark> {
  const tables = await tablesOf(sql);
  return retryLocks(() => tryMark(sql, name, tables, (done) => onTable?.(done, tables.length)));
}

async function tryMark(sql: Sql, name: string, tables: readonly string[], onTable: (done: number) => void) {
  let sums: Promise<readonly TableSum[]> | undefined;
  const { at, from } = await sql.begin(async (locking) => {
    const started = systemClock.monotonic();
    await locking.unsafe(`lock table ${tables.join(', ')} in share mode`);
    const [row] = await locking<{ at: Date }[]>`
      select clock_timestamp() as at, pg_create_restore_point(${name})`;
    await new Promise<void>((seen, failed) => {
      sums = sql.begin('isolation level repeatable read read only', async (reading) => {
        await reading`select count(*) from pg_namespace`;
        seen();
        return sumsOf(reading, tables, onTable);
      });
      sums.catch(failed);
    });
    return { at: row?.at ?? new Date(0), from: started };
  });
  const stoppedMs = Math.round(systemClock.monotonic() - from);
  return { name, at: at.toISOString(), stoppedMs, tables: (await sums) ?? [] };
}

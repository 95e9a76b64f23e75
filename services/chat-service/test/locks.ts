/** Who waits for locks in the database of a test. */
import type postgres from 'postgres';

/** How many statements there wait for a lock now. */
export async function lockWaits(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ waits: number }[]>`
    select count(*)::int as waits from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return row?.waits ?? 0;
}

/** Who waits for locks in the database of a test. */
import type postgres from 'postgres';

/** How many statements there wait for a lock now, of the connections of this name where there is one. */
export async function lockWaits(sql: postgres.Sql, applicationName?: string): Promise<number> {
  const [row] = await sql<{ waits: number }[]>`
    select count(*)::int as waits from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
      and application_name = coalesce(${applicationName ?? null}, application_name)`;
  return row?.waits ?? 0;
}

/**
 * How PostgreSQL is, for operators.
 *
 * Raw SQL: its own statistics.
 */
import type { Sql } from './connect.ts';

export interface DatabaseState {
  readonly connections: number;
  readonly maxConnections: number;
  /** Sessions that wait for a lock. */
  readonly waiting: number;
  /** Age of the oldest transaction; 0 when there is none. */
  readonly oldestSeconds: number;
  readonly bytes: number;
}

/** Sessions of other roles count, though of theirs nothing else is known. */
export async function databaseState(sql: Sql): Promise<DatabaseState> {
  const [state] = await sql<[DatabaseState]>`
    select count(*) as connections, current_setting('max_connections')::bigint as "maxConnections",
      count(*) filter (where wait_event_type = 'Lock') as waiting,
      coalesce(extract(epoch from now() - min(xact_start)), 0)::float8 as "oldestSeconds",
      pg_database_size(current_database()) as bytes
    from pg_stat_activity where backend_type = 'client backend'`;
  return state;
}

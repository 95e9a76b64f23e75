/**
 * Raw SQL: aggregates by a clock that is the database's.
 */
import type { Sql } from '../database/connect.ts';

export interface SagaState {
  readonly kind: string;
  readonly status: 'running' | 'compensating' | 'failed';
  readonly count: number;
  /** For how long the slowest of those under way has made no progress; 0 of those that failed. */
  readonly idleSeconds: number;
}

/** Sagas begun in the last 30 days that are under way or have failed. Older ones are not looked at: the list has them. */
export async function sagaStates(sql: Sql): Promise<readonly SagaState[]> {
  return sql<SagaState[]>`
    select kind, status, count(*) as count,
      case status when 'failed' then 0 else extract(epoch from now() - min(updated_at)) end::float8 as "idleSeconds"
    from sagas
    where created_at > now() - interval '30 days' and status in ('running', 'compensating', 'failed')
    group by kind, status`;
}

import type { Sql } from 'postgres';

/** What something costs the database, and how long it takes. */
export interface Cost {
  readonly ms: number;
  readonly statements: number;
  /** Pages of tables and indexes that were looked at. */
  readonly pages: number;
}

/** Statements of work that goes on by itself. */
const BACKGROUND = '(jobs|sagas|schedules|consumer|usage|lease|bus_state|pg_stat|with active as|outbox where|oldest)';

interface Totals {
  readonly statements: number;
  readonly pages: number;
}

/** Sums over all statements but those of the background. */
export async function totals(sql: Sql): Promise<Totals> {
  const [row] = await sql<{ statements: number; pages: number }[]>`
    select coalesce(sum(calls), 0)::float8 as statements,
      coalesce(sum(shared_blks_hit + shared_blks_read), 0)::float8 as pages
    from pg_stat_statements
    where query !~* ${BACKGROUND} and query !~* '^\\s*(begin|commit|rollback|set |select 1|show |listen)'`;
  return row ?? { statements: 0, pages: 0 };
}

export function perRound(before: Totals, after: Totals, rounds: number): Totals {
  return {
    statements: (after.statements - before.statements) / rounds,
    pages: (after.pages - before.pages) / rounds,
  };
}

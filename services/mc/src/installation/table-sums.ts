import type { Sql } from '@messagecore/chat-service/operator';

/** What a table holds: equal sums of equal counts mean equal rows, in whatever order. */
export interface TableSum {
  readonly table: string;
  readonly rows: number;
  readonly sum: string;
}

type Transaction = Parameters<Parameters<Sql['begin']>[1]>[0];

/** All tables of the product that survive a crash, with their schema, quoted. */
export async function tablesOf(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname in ('public', 'drizzle')
    order by 1`;
  return rows.map(({ name }) => name);
}

/** Reads every row of them once. */
export async function sumsOf(
  sql: Sql | Transaction,
  tables: readonly string[],
  onTable: (done: number) => void = () => {},
): Promise<readonly TableSum[]> {
  const sums: TableSum[] = [];
  for (const table of tables) {
    const [row] = await sql.unsafe<{ rows: number; sum: string }[]>(
      `select count(*) as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as sum from ${table} t`,
    );
    sums.push({ table, rows: Number(row?.rows), sum: row?.sum ?? '' });
    onTable(sums.length);
  }
  return sums;
}

export interface Difference {
  readonly table: string;
  readonly before: TableSum | undefined;
  readonly after: TableSum | undefined;
}

/** Tables that are not equal. */
export function differences(before: readonly TableSum[], after: readonly TableSum[]): readonly Difference[] {
  const find = (sums: readonly TableSum[], table: string) => sums.find((sum) => sum.table === table);
  const tables = new Set([...before, ...after].map(({ table }) => table));
  return [...tables]
    .map((table) => ({ table, before: find(before, table), after: find(after, table) }))
    .filter(({ before: one, after: other }) => one?.rows !== other?.rows || one?.sum !== other?.sum);
}

/** What an act costs: time and write-ahead log. */
import type postgres from 'postgres';

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Bytes that the server writes to its log meanwhile, whoever makes it. */
export async function walOf(sql: postgres.Sql, work: () => Promise<unknown>): Promise<number> {
  const before = await walPosition(sql);
  await work();
  const [row] = await sql<
    { bytes: string }[]
  >`select pg_wal_lsn_diff(${await walPosition(sql)}::pg_lsn, ${before}::pg_lsn) as bytes`;
  return Number(row?.bytes ?? 0);
}

async function walPosition(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ at: string }[]>`select pg_current_wal_insert_lsn() as at`;
  return row?.at ?? '0/0';
}

import type postgres from 'postgres';

/** Bytes of the write-ahead log between two places that are about each of these tables, its indexes included. */
export async function walByTable(
  sql: postgres.Sql,
  { from, to }: { readonly from: string; readonly to: string },
  tables: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ name: string; bytes: string }[]>`
    with record as materialized (
      select distinct on (start_lsn) start_lsn, record_length as length, relfilenode
      from pg_get_wal_block_info(${from}::pg_lsn, ${to}::pg_lsn, false)
      order by start_lsn, block_id
    ), file as (
      select pg_relation_filenode(c.oid) as node, coalesce(i.indrelid, c.oid)::regclass::text as name
      from pg_class c left join pg_index i on i.indexrelid = c.oid
    )
    select name, sum(length) as bytes from record join file on node = relfilenode
    where name = any(${[...tables]}::text[]) group by name`;
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}

export async function walPosition(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ at: string }[]>`select pg_current_wal_insert_lsn() as at`;
  return row?.at ?? '0/0';
}

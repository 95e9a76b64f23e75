import type { Sql } from '@messagecore/chat-service/operator';
import { tablesOf } from '../installation/table-sums.ts';

/** The record of migrations, which each server keeps for itself. */
const MIGRATIONS = /^drizzle\./;

/** What is moved, quoted and with its schema. */
export async function movedTables(sql: Sql): Promise<readonly string[]> {
  return (await tablesOf(sql)).filter((table) => !MIGRATIONS.test(table));
}

/** A table with its columns and their types, as text that can be compared. */
export async function shapesOf(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ name: string; shape: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name,
      string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attname) as shape
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname = 'public' and a.attnum > 0 and not a.attisdropped
    group by 1`;
  return new Map(rows.map(({ name, shape }) => [name, shape]));
}

/** Tables whose changed and deleted rows could not be told apart: without a primary key or another replica identity. */
export async function tablesWithoutIdentity(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname = 'public'
      and not (c.relreplident = 'f' or (c.relreplident = 'i' and exists (
          select from pg_index i where i.indrelid = c.oid and i.indisreplident))
        or (c.relreplident = 'd' and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)))
    order by 1`;
  return rows.map(({ name }) => name);
}

/** Counters are not replicated: those of `to` go on where those of `from` are. Returns how many there are. */
export async function carrySequences(from: Sql, to: Sql): Promise<number> {
  const sequences = await from<{ name: string; last: string | null }[]>`
    select format('%I.%I', schemaname, sequencename) as name, last_value::text as last
    from pg_sequences where schemaname = 'public'`;
  for (const { name, last } of sequences) {
    if (last !== null) await to`select setval(${name}::text::regclass, ${last}::text::bigint)`;
  }
  return sequences.length;
}

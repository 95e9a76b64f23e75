/** What the catalogue says of the keys of the tables, and what of it does not fit their placement. */
import type postgres from 'postgres';
import { DISTRIBUTED, LOCAL_WITH_KEY, REFERENCE } from './placement.ts';

const KEY = 'conversation_id';

interface TableKeys {
  readonly name: string;
  readonly hasKey: boolean;
  /** Columns of the primary key and of each unique index. */
  readonly unique: readonly (readonly string[])[];
  /** The table that is named, and the columns that name it. */
  readonly foreign: readonly { readonly table: string; readonly columns: readonly string[] }[];
}

/** What is wrong, a line each; nothing when all is well. */
export async function misplacedKeys(sql: postgres.ISql): Promise<readonly string[]> {
  const tables = await readTables(sql);
  const known = new Set(tables.map(({ name }) => name));
  const gone = [...DISTRIBUTED, ...REFERENCE, ...Object.keys(LOCAL_WITH_KEY)].filter((name) => !known.has(name));
  return [...gone.map((name) => `${name}: no such table`), ...tables.flatMap(problemsOf)];
}

function problemsOf({ name, hasKey, unique, foreign }: TableKeys): string[] {
  const outwards = foreign.filter(({ table }) => DISTRIBUTED.has(table));
  if (!DISTRIBUTED.has(name)) {
    return [
      ...(hasKey && LOCAL_WITH_KEY[name] === undefined ? [`${name}: names a conversation and is not placed`] : []),
      ...outwards.map(({ table }) => `${name}: not distributed, and refers to ${table}`),
    ];
  }
  return [
    ...(unique.length === 0 ? [`${name}: no primary key`] : []),
    ...unique
      .filter((columns) => !columns.includes(KEY))
      .map((columns) => `${name}: ${columns.join(', ')} are unique without ${KEY}`),
    ...foreign
      .filter(({ table, columns }) => !REFERENCE.has(table) && !(DISTRIBUTED.has(table) && columns.includes(KEY)))
      .map(({ table }) => `${name}: refers to ${table} beyond its conversation`),
  ];
}

function readTables(sql: postgres.ISql): Promise<readonly TableKeys[]> {
  return sql<TableKeys[]>`
    select c.relname as name,
      exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = ${KEY} and not a.attisdropped
      ) as "hasKey",
      coalesce((
        select json_agg((
          select json_agg(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(i.indkey)
        )) from pg_index i where i.indrelid = c.oid and i.indisunique
      ), '[]') as unique,
      coalesce((
        select json_agg(json_build_object('table', t.relname, 'columns', (
          select json_agg(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(f.conkey)
        )))
        from pg_constraint f join pg_class t on t.oid = f.confrelid where f.conrelid = c.oid and f.contype = 'f'
      ), '[]') as foreign
    from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    order by c.relname`;
}

/** Databases with the migrated schema in which `messages` is laid out in another way. */
import { migrate } from '@messagecore/chat-service';
import { ensureDatabase } from '@messagecore/dev-servers';
import postgres from 'postgres';
import { populate } from './population.ts';

export const nameOf = (partitions: number) => (partitions === 0 ? 'one table' : `${partitions} partitions`);

export const databaseOf = (partitions: number, rows: number) => `messages_${partitions}_${rows}`;

export const connect = (url: string) => postgres(url, { max: 2, onnotice: () => {} });

/** A new database without messages and without the indexes of their table, which `index` makes. */
export async function createLayout(serverUrl: string, database: string, partitions: number): Promise<string> {
  const url = await ensureDatabase(serverUrl, database);
  await migrate(url);
  const sql = connect(url);
  await sql`create extension pageinspect`;
  await sql`create extension pg_visibility`;
  await replace(sql, partitions);
  await populate(sql);
  await sql.end();
  return url;
}

/** The table is made anew, with triggers and storage parameters of the old one. Nothing refers to it by foreign key. */
async function replace(sql: postgres.Sql, partitions: number): Promise<void> {
  await sql`
    create table layout_indexes as
    select case when indisprimary then 'alter table messages add primary key (conversation_id, seq)' else pg_get_indexdef(indexrelid) end
      as definition
    from pg_index where indrelid = 'messages'::regclass`;
  const triggers = await sql<{ definition: string }[]>`
    select pg_get_triggerdef(oid) as definition from pg_trigger where tgrelid = 'messages'::regclass and not tgisinternal`;
  const [old] = await sql<{ options: string }[]>`
    select array_to_string(reloptions, ', ') as options from pg_class where oid = 'messages'::regclass`;
  await sql`alter table messages rename to messages_before`;
  const by = partitions === 0 ? '' : 'partition by hash (conversation_id)';
  await sql.unsafe(`create table messages (like messages_before including defaults including storage) ${by}`);
  await sql`drop table messages_before cascade`;
  for (let nr = 0; nr < partitions; nr += 1) {
    await sql.unsafe(
      `create table messages_${nr} partition of messages for values with (modulus ${partitions}, remainder ${nr})
       with (${old?.options ?? ''})`,
    );
  }
  if (partitions === 0) await sql.unsafe(`alter table messages set (${old?.options ?? ''})`);
  for (const { definition } of triggers) await sql.unsafe(definition);
}

/** Makes all indexes of the table. */
export async function index(sql: postgres.Sql): Promise<void> {
  const rows = await sql<{ definition: string }[]>`select definition from layout_indexes`;
  for (const { definition } of rows) await sql.unsafe(definition);
}

/** `relation` is an index of messages, or of a partition. */
export const INDEXES = `
  select i.indexrelid as relation from pg_index i join pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
  where i.indrelid = 'messages'::regclass or i.indrelid in (select relid from pg_partition_tree('messages'::regclass))`;

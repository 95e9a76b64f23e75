import postgres from 'postgres';
import { cloneDatabase, createTemplate, dropDatabase } from '@messagecore/dev-servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from './connect.ts';
import { checkSchema, migrate } from './migrations.ts';

const server = process.env['MC_TEST_POSTGRES_URL'] ?? '';
let url: string;
let store: Store;

beforeAll(async () => {
  await createTemplate(server, 'empty', async () => {});
  url = await cloneDatabase(server, 'empty');
  store = openStore({ url });
});

afterAll(async () => {
  await store.close();
  await dropDatabase(url);
});

test('[OPS-6] a service refuses an empty or older schema and says what to do; jobs may run at once', async () => {
  await expect(checkSchema(store.sql)).rejects.toThrow('has no schema');

  await Promise.all([migrate(url), migrate(url), migrate(url)]);
  await checkSchema(store.sql);
  const [tables] = await store.sql`select count(*) as count from pg_tables where schemaname = 'public'`;
  expect(tables?.['count']).toBeGreaterThan(10);

  const sql = postgres(url, { max: 1 });
  await sql`update drizzle.__drizzle_migrations set created_at = created_at - 1`;
  await expect(checkSchema(store.sql)).rejects.toThrow('migrate.ts');
  await sql`update drizzle.__drizzle_migrations set created_at = created_at + 1000`;
  await checkSchema(store.sql);
  await sql.end();
});

/**
 * Primary keys and unique constraints without the conversation, of tables that belong to one (OPS-8). A reminder belongs to its
 * user, and may be about no conversation.
 */
test('[OPS-8] every unique index of a table of a conversation includes conversation_id', async () => {
  const wrong = await store.sql`
    select i.indexrelid::regclass::text as index
    from pg_index i
    join pg_attribute c on c.attrelid = i.indrelid and c.attname = 'conversation_id'
    where i.indisunique and i.indrelid::regclass::text not in ('dm_pairs', 'reminders') and not c.attnum = any(i.indkey)`;
  expect(wrong.map((row) => row['index'] as string)).toEqual([]);
});

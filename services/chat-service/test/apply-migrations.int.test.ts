import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDatabase, createTemplate, dropDatabase } from '@messagecore/dev-servers';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyMigrations } from '../src/platform/database/apply-migrations.ts';
import { openStore } from '../src/platform/database/connect.ts';
import { testServers } from './config.ts';

let url: string;
let folder: string;

beforeEach(async () => {
  const { postgresUrl } = testServers();
  await createTemplate(postgresUrl, 'nothing', async () => {});
  url = await cloneDatabase(postgresUrl, 'nothing');
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await mkdir(join(folder, 'meta'));
});
afterEach(async () => {
  await dropDatabase(url);
  await rm(folder, { recursive: true, force: true });
});

async function write(...files: readonly string[]): Promise<void> {
  const entries = files.map((_, idx) => ({ idx, version: '7', when: idx + 1, tag: `000${idx}`, breakpoints: true }));
  await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify({ entries }));
  for (const [idx, text] of files.entries()) await writeFile(join(folder, `000${idx}.sql`), text);
}

async function connection<T>(use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await use(sql);
  } finally {
    await sql.end();
  }
}
async function apply(): Promise<void> {
  const store = openStore({ url, poolSize: 1 });
  try {
    await applyMigrations(store.sql, folder);
  } finally {
    await store.close();
  }
}
const applied = () =>
  connection(
    (sql) => sql<{ n: number }[]>`select created_at::int as n from drizzle.__drizzle_migrations order by id`,
  ).then((rows) => rows.map(({ n }) => n));
const TABLE = 'create table numbers (n int);--> statement-breakpoint\ninsert into numbers values (1), (1);';

test('[OPS-6] a failing migration leaves nothing of itself, and what came before stays', async () => {
  await write(TABLE, 'create table other (n int);--> statement-breakpoint\ninsert into nowhere values (1);');
  await expect(apply()).rejects.toThrow('nowhere');
  expect(await applied()).toEqual([1]);
  await write(TABLE, 'create table other (n int);');
  await apply();
  expect(await applied()).toEqual([1, 2]);
});

test('[OPS-6] an index is built beside running transactions, by however many jobs start at once', async () => {
  await write(TABLE, '-- no transaction\ncreate index concurrently if not exists numbers_n on numbers (n);');
  await Promise.all([apply(), apply(), apply(), apply()]);
  expect(await applied()).toEqual([1, 2]);
  const [index] = await connection(
    (sql) => sql`select indisvalid from pg_index where indexrelid = 'numbers_n'::regclass`,
  );
  expect(index).toEqual({ indisvalid: true });
});

test('[OPS-6] what failed outside of a transaction is built again from its beginning', async () => {
  const unique = '-- no transaction\ncreate unique index concurrently if not exists numbers_n on numbers (n);';
  await write(TABLE, unique);
  await expect(apply()).rejects.toThrow('numbers_n');
  expect(await applied()).toEqual([1]);
  await connection((sql) => sql`delete from numbers where ctid = (select min(ctid) from numbers)`);
  await apply();
  const [index] = await connection(
    (sql) => sql`select indisvalid from pg_index where indexrelid = 'numbers_n'::regclass`,
  );
  expect(index).toEqual({ indisvalid: true });
});

import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
async function apply(forMs = 60_000, onWait = (_error: unknown) => {}): Promise<void> {
  const store = openStore({ url, poolSize: 1 });
  try {
    await applyMigrations(store.sql, folder, { forMs, onWait });
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

test('[OPS-6] one that comes later than those after it is applied as well, once', async () => {
  await write(TABLE, 'select 1;', 'create table third (n int);');
  const journal = join(folder, 'meta', '_journal.json');
  const whole = await readFile(journal, 'utf8');
  const { entries } = JSON.parse(whole) as { entries: readonly object[] };
  await writeFile(journal, JSON.stringify({ entries: [entries[0], entries[2]] }));
  await apply();
  expect(await applied()).toEqual([1, 3]);
  await writeFile(journal, whole);
  await apply();
  await apply();
  expect(await applied()).toEqual([1, 3, 2]);
});

const ADD_COLUMN = 'alter table numbers add column m int;';

test('[OPS-6] a migration whose table others hold lets them through, and gets it later', async () => {
  await write(TABLE);
  await apply();
  await write(TABLE, ADD_COLUMN);
  await connection(async (holder) => {
    const held = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const holding = holder.begin(async (tx) => {
      await tx`select * from numbers`;
      held.resolve();
      await mayEnd.promise;
    });
    await held.promise;
    let attempts = 0;
    const migrating = apply(60_000, () => {
      attempts += 1;
      if (attempts === 2) mayEnd.resolve();
    });
    // Waits behind the migration's request at most until that gives up.
    const read = () => connection((sql) => sql`set lock_timeout = '5s'; select count(*) from numbers`.simple());
    while (attempts < 2) await read();
    await Promise.all([holding, migrating]);
  });
  expect(await applied()).toEqual([1, 2]);
});

test('[OPS-6] a migration that never gets its table gives up, with nothing of it done', async () => {
  await write(TABLE);
  await apply();
  await write(TABLE, `create table other (n int);--> statement-breakpoint\n${ADD_COLUMN}`);
  await connection((holder) =>
    holder.begin(async (tx) => {
      await tx`select * from numbers`;
      await expect(apply(0)).rejects.toMatchObject({ code: '55P03' });
    }),
  );
  expect(await applied()).toEqual([1]);
  await apply();
  expect(await applied()).toEqual([1, 2]);
});

/** Written beside later ones, and joined after databases had those. */
const JOINED_LATE = ['0033_invitations', '0034_directory'];
const NEWEST_THEN = 1_796_050_000_000;
const MIGRATIONS = join(import.meta.dirname, '../../../migrations');

test('[OPS-6] a database of the version without invitations becomes the same as a new one', async () => {
  await rm(folder, { recursive: true });
  await cp(MIGRATIONS, folder, { recursive: true });
  const journal = join(folder, 'meta', '_journal.json');
  const whole = await readFile(journal, 'utf8');
  const { entries } = JSON.parse(whole) as { entries: readonly { readonly tag: string; readonly when: number }[] };
  const then = entries.filter(({ tag, when }) => when <= NEWEST_THEN && !JOINED_LATE.includes(tag));
  expect(then).toHaveLength(entries.filter(({ when }) => when <= NEWEST_THEN).length - JOINED_LATE.length);
  await writeFile(journal, JSON.stringify({ entries: then }));
  await apply();
  await writeFile(journal, whole);
  await apply();
  const upgraded = await connection(schemaOf);
  await dropDatabase(url);
  url = await cloneDatabase(testServers().postgresUrl, 'nothing');
  await apply();
  const fresh = await connection(schemaOf);
  expect(fresh.length).toBeGreaterThan(500);
  expect(upgraded).toEqual(fresh);
});

/** All that migrations make, a line each, whatever the order in which it was made. */
async function schemaOf(sql: postgres.Sql): Promise<readonly string[]> {
  const rows = await sql<{ line: string }[]>`
    select format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line
      from information_schema.columns where table_schema = 'public'
    union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
    union all select format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace
    union all select format('function %s', pg_get_functiondef(oid)) from pg_proc p
      where pronamespace = 'public'::regnamespace and prokind = 'f'
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    union all select format('trigger %s', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
    order by line`;
  return rows.map(({ line }) => line);
}

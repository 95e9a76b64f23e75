/**
 * Applies migrations one by one, each in a transaction of its own, with its record.
 *
 * A file whose first line is `-- no transaction` is applied statement by statement: `CREATE INDEX CONCURRENTLY` and its
 * like cannot run inside one. When such a file fails half way it is applied again from its beginning, so each of its
 * statements must be one that may be repeated (`IF NOT EXISTS`); an index that was left invalid is dropped before.
 */
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import type { Sql } from './connect.ts';
import { inBriefTransaction, runApart, type Waiting } from './migration-locks.ts';

const NO_TRANSACTION = /^-- no transaction\b/;
const NO_STATEMENT = /^(?:\s|--[^\n]*(?:\n|$))*$/;

/** Any number of migration jobs may start at once; one works, the others wait and find nothing left to do. */
const LOCK = 4_019_811_237;
const LOCK_POLL_SECONDS = 0.2;

/** `sql` has one connection. @throws what the failing statement threw; what was applied before stays applied. */
export async function applyMigrations(sql: Sql, folder: string, waiting: Waiting): Promise<void> {
  await takeLock(sql);
  await sql.unsafe('create schema if not exists drizzle');
  await sql.unsafe(
    'create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
  );
  const rows = await sql<{ at: string }[]>`select created_at::text as at from drizzle.__drizzle_migrations`;
  const applied = new Set(rows.map(({ at }) => Number(at)));
  // By its own record and not by the newest one: of two that were written at the same time the earlier may come later.
  for (const migration of readMigrationFiles({ migrationsFolder: folder })) {
    if (!applied.has(migration.folderMillis)) await apply(sql, migration, waiting);
  }
}

/**
 * Asks again and again instead of waiting inside a statement: a statement that waits holds a snapshot, for the end of
 * which `CREATE INDEX CONCURRENTLY` waits in turn.
 */
async function takeLock(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql<{ taken: boolean }[]>`select pg_try_advisory_lock(${LOCK}) as taken`;
    if (row?.taken === true) return;
    await sql`select pg_sleep(${LOCK_POLL_SECONDS})`;
  }
}

async function apply(sql: Sql, migration: MigrationMeta, waiting: Waiting): Promise<void> {
  const statements = migration.sql.filter((statement) => !NO_STATEMENT.test(statement));
  if (NO_TRANSACTION.test(migration.sql[0] ?? '')) {
    await dropInvalidIndexes(sql, waiting);
    for (const statement of statements) await runApart(sql, waiting, statement);
    await sql.unsafe(recordOf(migration));
    return;
  }
  await inBriefTransaction(sql, waiting, [...statements, recordOf(migration)]);
}

function recordOf({ hash, folderMillis }: MigrationMeta): string {
  return `insert into drizzle.__drizzle_migrations (hash, created_at) values ('${hash}', ${folderMillis})`;
}

/** What a `CREATE INDEX CONCURRENTLY` that failed leaves behind: it costs every write, and `IF NOT EXISTS` takes it for done. */
async function dropInvalidIndexes(sql: Sql, waiting: Waiting): Promise<void> {
  const invalid = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    where not i.indisvalid and n.nspname = current_schema()`;
  for (const { name } of invalid) await runApart(sql, waiting, `drop index concurrently if exists ${name}`);
}

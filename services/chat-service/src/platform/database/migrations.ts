import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import { openStore, type Sql } from './connect.ts';

/** The schema that this code was written for: `when` of the newest migration it needs (`migrations/meta/_journal.json`). */
export const REQUIRED_SCHEMA_VERSION = 1796024000000;

const FOLDER = fileURLToPath(new URL('../../../../../migrations', import.meta.url));

/** Any number of migration jobs may start at once; one works, the others wait and find nothing left to do. */
const LOCK = 4_019_811_237;

/** A migration that cannot get its table lock fails and is tried again later, instead of stopping all traffic behind it. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Brings the schema up to date: all missing migrations in one transaction, or none. Needs a direct connection (not a
 * transaction pooler) of a role that may create tables.
 *
 * @throws what the failing statement threw.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const store = openStore({ url: databaseUrl, poolSize: 1, applicationName: 'migrations', statementTimeoutMs: 0 });
  const { sql } = store;
  try {
    // Another job may take its time.
    await sql`select set_config('lock_timeout', '0', false)`;
    await sql`select pg_advisory_lock(${LOCK})`;
    await sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, false)`;
    await applyMigrations(drizzle(sql), { migrationsFolder: FOLDER });
  } finally {
    await store.close();
  }
}

/**
 * Resolves when the schema is what this code needs, or newer: migrations only ever add what older code can ignore.
 *
 * @throws Error saying what to do when it is older or absent.
 */
export async function checkSchema(sql: Sql): Promise<void> {
  const version = await schemaVersion(sql);
  if (version >= REQUIRED_SCHEMA_VERSION) return;
  const found = version === 0 ? 'has no schema' : `has schema ${version}`;
  throw new Error(
    `the database ${found}, this version needs ${REQUIRED_SCHEMA_VERSION}: run services/chat-service/src/migrate.ts first`,
  );
}

/** Version of the database's schema, 0 when nothing was ever migrated. */
async function schemaVersion(sql: Sql): Promise<number> {
  const [table] = await sql`select to_regclass('drizzle.__drizzle_migrations') is not null as present`;
  if (table?.['present'] !== true) return 0;
  const [newest] = await sql<{ version: number | null }[]>`
    select max(created_at) as version from drizzle.__drizzle_migrations`;
  return newest?.version ?? 0;
}

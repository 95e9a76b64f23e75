import { fileURLToPath } from 'node:url';
import { applyMigrations } from './apply-migrations.ts';
import { openStore, type Sql } from './connect.ts';

/** The schema that this code was written for: `when` of the newest migration it needs (`migrations/meta/_journal.json`). */
export const REQUIRED_SCHEMA_VERSION = 1796086000000;

const FOLDER = fileURLToPath(new URL('../../../../../migrations', import.meta.url));

/** A migration that cannot get its table lock fails and is tried again later, instead of stopping all traffic behind it. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Brings the schema up to date. A migration that fails leaves those before it applied, and is tried again by the next
 * run. Needs a direct connection (not a
 * transaction pooler) of a role that may create tables.
 *
 * @throws what the failing statement threw.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const store = openStore({ url: databaseUrl, poolSize: 1, applicationName: 'migrations', statementTimeoutMs: 0 });
  const { sql } = store;
  try {
    await sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, false)`;
    await applyMigrations(sql, FOLDER);
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

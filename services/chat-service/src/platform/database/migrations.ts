import { fileURLToPath } from 'node:url';
import { applyMigrations } from './apply-migrations.ts';
import { openStore, type Sql } from './connect.ts';

/** The schema that this code was written for: `when` of the newest migration it needs (`migrations/meta/_journal.json`). */
export const REQUIRED_SCHEMA_VERSION = 1796110000000;

const FOLDER = fileURLToPath(new URL('../../../../../migrations', import.meta.url));

/** How long a migration is tried again while others hold its tables. */
const WAIT_MS = 300_000;

export interface MigrateOptions {
  /** Called for each attempt at a migration that got no lock of its table. */
  readonly onWait?: (error: unknown) => void;
  /** Where the migrations are; the product's own when left out. */
  readonly folder?: string;
}

/**
 * Brings the schema up to date, beside the traffic: a migration that cannot get the lock of its table lets others through and
 * tries again, for five minutes. One that fails leaves those before it applied, and is tried again by the next
 * run. Needs a direct connection (not a transaction pooler) of a role that may create tables.
 *
 * @throws what the failing statement threw.
 */
export async function migrate(
  databaseUrl: string,
  { onWait = () => {}, folder = FOLDER }: MigrateOptions = {},
): Promise<void> {
  const store = openStore({ url: databaseUrl, poolSize: 1, applicationName: 'migrations', statementTimeoutMs: 0 });
  const { sql } = store;
  try {
    await applyMigrations(sql, folder, { forMs: WAIT_MS, onWait });
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
export async function schemaVersion(sql: Sql): Promise<number> {
  const [table] = await sql`select to_regclass('drizzle.__drizzle_migrations') is not null as present`;
  if (table?.['present'] !== true) return 0;
  const [newest] = await sql<{ version: number | null }[]>`
    select max(created_at) as version from drizzle.__drizzle_migrations`;
  return newest?.version ?? 0;
}

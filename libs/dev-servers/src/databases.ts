import { randomBytes } from 'node:crypto';
import postgres from 'postgres';

/**
 * Databases for tests: one template, migrated once, and a copy of it for every test file. A copy costs some tens of
 * milliseconds and shares nothing with the others.
 */

/** Serialises the making of templates between the test processes of one server. */
const TEMPLATE_LOCK = 7_264_501;

/**
 * Makes the template `name` on the server of `serverUrl` by running `migrate` on an empty database, unless it exists. Any
 * number of processes may call it at once: the first migrates, the others wait. Nobody can connect to it afterwards.
 *
 * @throws whatever `migrate` throws; the half-made database is dropped then.
 */
export async function createTemplate(
  serverUrl: string,
  name: string,
  migrate: (databaseUrl: string) => Promise<void>,
): Promise<void> {
  await administer(serverUrl, async (sql) => {
    await sql`select pg_advisory_lock(${TEMPLATE_LOCK})`;
    const [existing] = await sql<{ finished: boolean }[]>`
      select datistemplate as finished from pg_database where datname = ${name}`;
    if (existing?.finished) return;
    await sql`drop database if exists ${sql(name)} with (force)`;
    await sql`create database ${sql(name)}`;
    try {
      await migrate(databaseUrl(serverUrl, name));
      await sql`alter database ${sql(name)} with allow_connections false is_template true`;
    } catch (error) {
      await sql`drop database if exists ${sql(name)} with (force)`;
      throw error;
    }
  });
}

/** Copies a template into a new database with a name of its own, and returns that database's address. */
export async function cloneDatabase(serverUrl: string, template: string): Promise<string> {
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, (sql) => sql`create database ${sql(name)} template ${sql(template)}`);
  return databaseUrl(serverUrl, name);
}

/** Drops the database of an address that `cloneDatabase` gave, with every connection to it. */
export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await administer(databaseUrl(url, 'postgres'), (sql) => sql`drop database if exists ${sql(name)} with (force)`);
}

/** Makes the database `name` unless it exists, and returns its address. */
export async function ensureDatabase(serverUrl: string, name: string): Promise<string> {
  await administer(serverUrl, async (sql) => {
    const [existing] = await sql`select 1 from pg_database where datname = ${name}`;
    if (existing === undefined) await sql`create database ${sql(name)}`;
  });
  return databaseUrl(serverUrl, name);
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(serverUrl: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

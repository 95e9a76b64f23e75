import {
  checkSecrets,
  checkSession,
  connectionsOfProcess,
  createSecrets,
  openStore,
  REQUIRED_SCHEMA_VERSION,
  schemaVersion,
  sealedSecrets,
  type Sql,
  type Store,
} from '@messagecore/chat-service/operator';
import type { Installation } from '../config.ts';
import { checkArchive } from './check-archive.ts';
import { checkClock } from './check-clocks.ts';
import { checkOutbox } from './check-outbox.ts';
import { codeOf, isFromServer, messageOf } from '../output/errors.ts';
import { fault, type Finding, notExamined, warning, well } from './finding.ts';
import { unopened } from './postgres-errors.ts';

const ABOUT = 'PostgreSQL';
const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;

type Postgres = Pick<Installation, 'databaseUrl' | 'pooled' | 'poolSize' | 'backup' | 'settings'>;

export interface PostgresNeeds {
  /** Chat-services that were found, at least one. */
  readonly chatServices: number;
}

export async function checkPostgres(installation: Postgres, needs: PostgresNeeds): Promise<readonly Finding[]> {
  const { databaseUrl: url, pooled } = installation;
  if (url === undefined) return [];
  let store: Store;
  try {
    const limits = { connectTimeoutMs: CONNECT_MS, statementTimeoutMs: STATEMENT_MS };
    store = openStore({ url, pooled, poolSize: 1, applicationName: 'mc doctor', ...limits });
  } catch (error) {
    return [fault(ABOUT, 'setting-DATABASE_URL', `DATABASE_URL ${messageOf(error)}`, 'docs/operate.md says its form')];
  }
  try {
    const version = await versionOf(store.sql).catch((error: unknown) => unopened(error, url));
    if (typeof version !== 'string') return [version];
    return [well(ABOUT, `${version} answers`), ...(await look(store, installation, needs))];
  } finally {
    await store.close();
  }
}

async function versionOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ version: string }[]>`select current_setting('server_version') as version`;
  return row?.version.split(' ')[0] ?? '?';
}

type Part = readonly [about: string, look: () => Promise<readonly Finding[]>];

/** What the server refuses to one part is said, and the others are looked at. Without a server there is no more to see. */
async function look(store: Store, installation: Postgres, needs: PostgresNeeds): Promise<readonly Finding[]> {
  const { sql } = store;
  const found: Finding[] = [];
  const hasSchema = () => found.every(({ id }) => id !== 'schema-missing');
  const parts: readonly Part[] = [
    [ABOUT, () => sessionOf(store)],
    ['schema', () => schemaOf(sql)],
    [ABOUT, () => writable(sql)],
    [ABOUT, () => room(sql, installation, needs.chatServices)],
    ['clocks', () => checkClock(sql)],
    ['outbox', async () => (hasSchema() ? checkOutbox(sql) : [])],
    ['secrets', async () => (hasSchema() ? keysInUse(sql, installation) : [])],
    ['backup', async () => (installation.backup === undefined ? [] : checkArchive(sql))],
  ];
  for (const [about, part] of parts) {
    try {
      found.push(...(await part()));
    } catch (error) {
      found.push(notExamined(about, error));
      if (!isFromServer(error)) break;
    }
  }
  return found;
}

/** What a pooler drops or does not do, and what makes a commit worth less than it promises. */
async function sessionOf(store: Store): Promise<readonly Finding[]> {
  try {
    const weak = await checkSession(store);
    return weak.map((setting) =>
      fault(
        ABOUT,
        'postgres-durability',
        `${setting}: what was acknowledged may be lost in a crash`,
        `switch it on in postgresql.conf, and reload: alter system set ${setting.split(' ')[0]} = on`,
      ),
    );
  } catch (error) {
    const said = messageOf(error);
    if (/statement pooling/.test(said) || (await breaksAtBegin(store, error))) return [STATEMENT_MODE];
    if (!/settings that they ask for/.test(said)) throw error;
    const lost = said.slice(said.indexOf('ask for: ') + 9, said.indexOf('. A pooler'));
    return [
      fault(
        'PgBouncer',
        'pooler-settings',
        `what is in between drops settings of sessions: ${lost}`,
        'set DATABASE_POOLED=true when it works by transactions; take them out of ignore_startup_parameters otherwise',
      ),
    ];
  }
}

/** PgBouncer closes the connection; its words may arrive with the next statement, or that one passes by itself. */
async function breaksAtBegin({ sql }: Store, error: unknown): Promise<boolean> {
  if (codeOf(error) !== 'CONNECTION_CLOSED') return false;
  try {
    await sql`select 1`;
    return true;
  } catch (later) {
    return /statement pooling/.test(messageOf(later));
  }
}

const STATEMENT_MODE = fault(
  'PgBouncer',
  'pooler-statement-mode',
  'it works by statements: there are no transactions',
  'set pool_mode = transaction in pgbouncer.ini and DATABASE_POOLED=true, and reload it',
);

const MIGRATE = 'run: node services/chat-service/src/migrate.ts (with the role that owns the tables)';

async function schemaOf(sql: Sql): Promise<readonly Finding[]> {
  const version = await schemaVersion(sql);
  if (version === 0) return [fault('schema', 'schema-missing', 'the database has no schema', MIGRATE)];
  const compared = `the database has ${version}, this version is written for ${REQUIRED_SCHEMA_VERSION}`;
  if (version < REQUIRED_SCHEMA_VERSION) return [fault('schema', 'schema-old', compared, MIGRATE)];
  if (version === REQUIRED_SCHEMA_VERSION) return [well('schema', `is ${version}, which this version is written for`)];
  return [
    warning(
      'schema',
      'schema-new',
      compared,
      'services of this version work with it; bring them to the newer one soon',
    ),
  ];
}

async function writable(sql: Sql): Promise<readonly Finding[]> {
  const [row] = await sql<{ standby: boolean; readOnly: string }[]>`
    select pg_is_in_recovery() as standby, current_setting('default_transaction_read_only') as "readOnly"`;
  if (row?.standby === true) {
    return [
      fault(
        ABOUT,
        'postgres-standby',
        'this server is a standby and takes no writes',
        'name the primary in DATABASE_URL (several hosts find it by themselves), or: select pg_promote()',
      ),
    ];
  }
  if (row?.readOnly !== 'on') return [];
  return [
    fault(
      ABOUT,
      'postgres-read-only',
      'default_transaction_read_only is on: nothing can be written',
      'take it away where it was set: alter system / database / role … reset default_transaction_read_only',
    ),
  ];
}

/** Behind a pooler it is the pooler that opens connections, as many as its own settings allow. */
async function room(
  sql: Sql,
  { pooled, poolSize }: Pick<Postgres, 'pooled' | 'poolSize'>,
  chatServices: number,
): Promise<readonly Finding[]> {
  const [row] = await sql<{ most: number; kept: number; open: number }[]>`
    select current_setting('max_connections')::bigint as most,
      (select sum(setting::bigint) from pg_settings
        where name in ('superuser_reserved_connections', 'reserved_connections'))::bigint as kept,
      (select count(*) from pg_stat_activity where backend_type = 'client backend') as open`;
  const { most = 0, kept = 0, open = 0 } = row ?? {};
  const wanted = chatServices * connectionsOfProcess(poolSize);
  if (pooled || most - kept >= wanted) return [well(ABOUT, `${open} of ${most} connections are open`)];
  return [
    fault(
      ABOUT,
      'postgres-connections',
      `takes ${most - kept} connections, and ${chatServices} chat-service${chatServices > 1 ? 's' : ''} may want ${wanted}`,
      `set max_connections = ${Math.max(100, 2 * wanted)} and restart it; or lower DATABASE_POOL_SIZE, or use PgBouncer`,
    ),
  ];
}

/** Keys that secrets in the database are encrypted with, and that the ring lacks. */
async function keysInUse(sql: Sql, { settings }: Postgres): Promise<readonly Finding[]> {
  if (!('port' in settings)) return [];
  const stale: Finding[] = [];
  const warn = () => stale.push(OLD_KEYS);
  try {
    await checkSecrets(sql, createSecrets(settings.secretsKeys), await sealedSecrets(), { warn });
    return stale;
  } catch (error) {
    const said = messageOf(error);
    if (!/SECRETS_KEYS does not have/.test(said)) throw error;
    return [fault('secrets', 'secrets-key', said, 'put the key back into SECRETS_KEYS, at the end of the ring')];
  }
}

const OLD_KEYS = warning(
  'secrets',
  'secrets-stale',
  'some are in clear or encrypted with an older key of the ring',
  'run: node services/chat-service/src/upkeep.ts',
);

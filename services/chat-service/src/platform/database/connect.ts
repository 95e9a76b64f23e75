import type { Socket } from 'node:net';
import type postgres from 'postgres';
import { type DatabaseAddress, parseDatabaseUrl } from './address.ts';
import { Dialer, type ServerState } from './dial.ts';
import { loadDriver } from './driver.ts';
import { executeUnsynced } from './protocol-messages.ts';
import { beginOptions, expectedSettings, openingStatements, startupSettings } from './session-settings.ts';
import { SilenceWatch } from './silence.ts';

/** A pool of raw connections, or one transaction of it. */
export type Sql = postgres.Sql<{ bigint: number }>;
export type Transaction = postgres.TransactionSql<{ bigint: number }>;
/** A part of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

export interface StoreOptions {
  readonly url: string;
  /** Connections for everything but the send path. */
  readonly poolSize?: number;
  /** Connections that only the send path uses: its batches in flight, and one to spare. */
  readonly writeConnections?: number;
  /** Behind a pooler in transaction mode (PgBouncer): no prepared statements, and settings go with every transaction. */
  readonly pooled?: boolean;
  readonly applicationName?: string;
  /** A statement that runs longer is cancelled by the server; 0 for none. */
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

/** The way to PostgreSQL. `bigint` comes as number: every counter here is below 2^53. */
export interface Store {
  /** Ordinary and cold queries. */
  readonly sql: Sql;
  /** The send path alone: a slow query elsewhere never takes its connections. */
  readonly write: Sql;
  /** Changes of messages alone: each holds its connection as long as it waits for its conversation. */
  readonly change: Sql;
  /** Changes of conversations and of who takes part, likewise. */
  readonly manage: Sql;
  /** One connection, for work of our own that may keep the server busy for long before the first row. Opened when needed. */
  readonly patient: Sql;
  /** What must be in force in every session. */
  readonly settings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Opens nothing yet: connections are made by the first queries, and made again whenever they are lost.
 *
 * @throws Error when the address makes no sense.
 */
export function openStore(options: StoreOptions): Store {
  const {
    poolSize = POOL_SIZE,
    writeConnections = WRITE_CONNECTIONS,
    statementTimeoutMs = STATEMENT_TIMEOUT_MS,
    pooled = false,
  } = options;
  const address = parseDatabaseUrl(options.url);
  const connectTimeoutMs = options.connectTimeoutMs ?? address.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const dialer = new Dialer({ address, connectTimeoutMs, pooled });
  // The server answers, if only that it has cancelled the statement; without its time-out it may take as long as it likes.
  const silenceMs = statementTimeoutMs === 0 ? Infinity : statementTimeoutMs + SLACK_MS;
  const silence = new SilenceWatch();
  const shared = {
    ...{ address, dialer, connectTimeoutMs, pooled, statementTimeoutMs, silence },
    applicationName: options.applicationName ?? 'chat-service',
    onRefused: () => pooled && endReadOnlySession(pools.sql),
  };
  const pools = {
    sql: openPool(shared, { max: poolSize, arrays: true, silenceMs }),
    write: openPool(shared, { max: writeConnections, arrays: false, silenceMs: Math.min(silenceMs, WRITE_SILENCE_MS) }),
    change: openPool(shared, { max: CHANGE_CONNECTIONS, arrays: true, silenceMs }),
    manage: openPool(shared, { max: MANAGE_CONNECTIONS, arrays: true, silenceMs }),
    patient: openPool(shared, {
      max: PATIENT_CONNECTIONS,
      arrays: false,
      silenceMs: Math.max(silenceMs, PATIENT_SILENCE_MS),
    }),
  };
  return {
    ...pools,
    settings: { ...expectedSettings(shared), ...(pooled ? {} : sessionSettingsOf(address)) },
    close: async () => {
      const ended = Promise.all(Object.values(pools).map((pool) => pool.end({ timeout: CLOSE_S })));
      dialer.close();
      await ended;
    },
  };
}

/** Conversations whose messages are changed at the same time. */
export const CHANGE_CONNECTIONS = 4;
/** Conversations that are themselves changed at the same time. */
export const MANAGE_CONNECTIONS = 4;
const POOL_SIZE = 10;
const WRITE_CONNECTIONS = 3;
const PATIENT_CONNECTIONS = 1;

/** How many connections a store with this pool opens at most. */
export function connectionsOfStore(poolSize = POOL_SIZE): number {
  return poolSize + WRITE_CONNECTIONS + CHANGE_CONNECTIONS + MANAGE_CONNECTIONS + PATIENT_CONNECTIONS;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
const SLACK_MS = 5_000;
/** Nobody waits longer for a send to be stored, and nothing can be stored over a connection that hangs. */
const WRITE_SILENCE_MS = 10_000;
/** Sorting an hour of everybody's messages takes less. */
const PATIENT_SILENCE_MS = 300_000;
const CLOSE_S = 5;

interface Shared {
  readonly address: DatabaseAddress;
  readonly dialer: Dialer;
  readonly connectTimeoutMs: number;
  readonly pooled: boolean;
  readonly statementTimeoutMs: number;
  readonly silence: SilenceWatch;
  readonly applicationName: string;
  /** Called when a server would not write. */
  readonly onRefused: () => void;
}

/** What the operator's URL sets instead of ours. */
function sessionSettingsOf({ settings }: DatabaseAddress): Readonly<Record<string, string>> {
  const { application_name: _name, options: _options, ...rest } = settings;
  return rest;
}

interface Pool {
  readonly max: number;
  /** Whether it has to know the types of arrays. */
  readonly arrays: boolean;
  /** A connection that owes an answer for longer is broken. */
  readonly silenceMs: number;
}

function openPool(shared: Shared, { max, arrays, silenceMs }: Pool): Sql {
  const { address, pooled, connectTimeoutMs, applicationName } = shared;
  const { user, password, database, settings, hosts } = address;
  const sql = loadDriver()({
    // Several hosts are the dialer's business.
    ...{ host: hosts[0]?.host, port: hosts[0]?.port, user, pass: password, database },
    ssl: false,
    max,
    prepare: !pooled,
    fetch_types: arrays,
    connect_timeout: connectTimeoutMs / 1000,
    // A server that comes back is found within a second.
    backoff: (retries: number) => Math.min(1, 0.02 * 2 ** retries),
    onnotice: () => {},
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    socket: socketFactory(shared, silenceMs),
    connection: { application_name: applicationName, ...startupSettings(shared, pooled), ...settings },
  } as postgres.Options<{ bigint: postgres.PostgresType<number> }>);
  return pooled ? withOptionsAtBegin(sql, beginOptions(shared)) : sql;
}

/** A connection of the patched library (driver.ts). */
interface DriverConnection {
  readonly isWaiting: () => boolean;
}

/** What the patched library calls. */
interface SocketFactory {
  (options: unknown, connection: DriverConnection): Promise<Socket>;
  judge(connection: object, socket: Socket, state: ServerState, end: () => void): 'next' | Error | undefined;
  refused(): void;
  /** Goes before every statement that is a transaction of its own. */
  readonly opening?: { readonly statements: number; readonly messages: Buffer };
}

function socketFactory(shared: Shared, silenceMs: number): SocketFactory {
  const { dialer, silence, pooled, onRefused: refused } = shared;
  const judge: SocketFactory['judge'] = (...server) => dialer.judge(...server);
  const dial = async (_options: unknown, connection: DriverConnection) => {
    const socket = await dialer.dial(connection);
    silence.watch({ socket, isWaiting: connection.isWaiting }, silenceMs);
    return socket;
  };
  if (!pooled) return Object.assign(dial, { judge, refused });
  const statements = openingStatements(shared);
  const messages = Buffer.concat(statements.map(executeUnsynced));
  return Object.assign(dial, { judge, refused, opening: { statements: statements.length, messages } });
}

function withOptionsAtBegin(sql: Sql, options: string): Sql {
  const begin = sql.begin.bind(sql) as (options: string, work: unknown) => Promise<unknown>;
  return Object.assign(sql, { begin: (work: unknown) => begin(options, work) });
}

/**
 * Behind a pooler it is the pooler's connection that would not write, and it outlives ours: it is ended from within, unless
 * we were given another one meanwhile. PostgreSQL lets a role end its own sessions.
 */
function endReadOnlySession(sql: Sql): void {
  void sql`
    select pg_terminate_backend(pg_backend_pid()) where current_setting('transaction_read_only') = 'on'`.catch(
    () => {},
  );
}

import { connect, type Socket } from 'node:net';
import type postgres from 'postgres';
import { loadDriver } from './driver.ts';
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
  /** Behind a pooler in transaction mode (PgBouncer): no prepared statements, no settings at connect. */
  readonly pooled?: boolean;
  readonly applicationName?: string;
  /** A statement that runs longer is cancelled by the server. Not in force when `pooled`: set it on the role. */
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
  close(): Promise<void>;
}

/** Opens nothing yet: connections are made by the first queries, and made again whenever they are lost. */
export function openStore(options: StoreOptions): Store {
  const { poolSize = 10, writeConnections = 3, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  // The server answers, if only that it has cancelled the statement; without its time-out it may take as long as it likes.
  const silenceMs = statementTimeoutMs === 0 ? Infinity : statementTimeoutMs + SLACK_MS;
  const silence = new SilenceWatch();
  const sql = openPool(options, { max: poolSize, arrays: true, silence, silenceMs });
  const write = openPool(options, {
    max: writeConnections,
    arrays: false,
    silence,
    silenceMs: Math.min(silenceMs, WRITE_SILENCE_MS),
  });
  const change = openPool(options, { max: CHANGE_CONNECTIONS, arrays: true, silence, silenceMs });
  const manage = openPool(options, { max: MANAGE_CONNECTIONS, arrays: true, silence, silenceMs });
  const patient = openPool(options, {
    max: 1,
    arrays: false,
    silence,
    silenceMs: Math.max(silenceMs, PATIENT_SILENCE_MS),
  });
  const pools = { sql, write, change, manage, patient };
  return {
    ...pools,
    close: async () => {
      await Promise.all(Object.values(pools).map((pool) => pool.end({ timeout: 5 })));
    },
  };
}

/** Conversations whose messages are changed at the same time. */
export const CHANGE_CONNECTIONS = 4;
/** Conversations that are themselves changed at the same time. */
export const MANAGE_CONNECTIONS = 4;

const STATEMENT_TIMEOUT_MS = 15_000;
const SLACK_MS = 5_000;
/** Nobody waits longer for a send to be stored, and nothing can be stored over a connection that hangs. */
const WRITE_SILENCE_MS = 10_000;
/** Sorting an hour of everybody's messages takes less. */
const PATIENT_SILENCE_MS = 300_000;

interface Pool {
  readonly max: number;
  /** Whether it has to know the types of arrays. */
  readonly arrays: boolean;
  readonly silence: SilenceWatch;
  /** A connection that owes an answer for longer is broken. */
  readonly silenceMs: number;
}

/** Nobody waits long for a row, and a transaction whose process hangs lets go of its rows. Milliseconds. */
const SESSION = { lock_timeout: 3_000, idle_in_transaction_session_timeout: 5_000 };

function openPool(options: StoreOptions, { max, arrays, silence, silenceMs }: Pool): Sql {
  const { pooled = false, statementTimeoutMs = STATEMENT_TIMEOUT_MS, connectTimeoutMs = 5_000 } = options;
  return loadDriver()(options.url, {
    max,
    prepare: !pooled,
    fetch_types: arrays,
    connect_timeout: connectTimeoutMs / 1000,
    // A server that comes back is found within a second.
    backoff: (retries: number) => Math.min(1, 0.02 * 2 ** retries),
    onnotice: () => {},
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    socket: (address: SocketAddress) => silence.watch(connectWithoutDelay(address), silenceMs),
    connection: {
      application_name: options.applicationName ?? 'chat-service',
      ...(pooled ? {} : { statement_timeout: statementTimeoutMs, ...SESSION }),
    },
  } as postgres.Options<{ bigint: postgres.PostgresType<number> }>);
}

/**
 * The library itself never turns Nagle's algorithm off, which costs 40 ms whenever a message needs two packets. The
 * socket is returned before it is connected (writes wait in it): a factory that fails would cost the pool a connection.
 */
function connectWithoutDelay({ path, host, port }: SocketAddress): Socket {
  if (path) return connect({ path });
  const [first = 'localhost'] = host;
  // The library takes the name for TLS from the socket.
  return Object.assign(connect({ host: first, port: port[0] ?? 5432, noDelay: true }), { host: first });
}

/** What the library hands to a socket factory, as far as it matters here. */
interface SocketAddress {
  readonly path: string | false;
  readonly host: readonly string[];
  readonly port: readonly number[];
}

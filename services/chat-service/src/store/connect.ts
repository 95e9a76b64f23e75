import { connect, type Socket } from 'node:net';
import postgres from 'postgres';

/** A pool of raw connections, or one transaction of it. */
export type Sql = postgres.Sql<{ bigint: number }>;
export type Transaction = postgres.TransactionSql<{ bigint: number }>;

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
  close(): Promise<void>;
}

/** Opens nothing yet: connections are made by the first queries, and made again whenever they are lost. */
export function openStore(options: StoreOptions): Store {
  const sql = openPool(options, options.poolSize ?? 10, { arrays: true });
  const write = openPool(options, options.writeConnections ?? 3, { arrays: false });
  return {
    sql,
    write,
    close: async () => {
      await Promise.all([sql.end({ timeout: 5 }), write.end({ timeout: 5 })]);
    },
  };
}

/** Nobody waits long for a row, and a transaction whose process hangs lets go of its rows. Milliseconds. */
const SESSION = { lock_timeout: 3_000, idle_in_transaction_session_timeout: 30_000 };

function openPool(options: StoreOptions, max: number, { arrays }: { arrays: boolean }): Sql {
  const { pooled = false, statementTimeoutMs = 15_000, connectTimeoutMs = 5_000 } = options;
  return postgres(options.url, {
    max,
    prepare: !pooled,
    fetch_types: arrays,
    connect_timeout: connectTimeoutMs / 1000,
    // A server that comes back is found within a second.
    backoff: (retries: number) => Math.min(1, 0.02 * 2 ** retries),
    onnotice: () => {},
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    socket: connectWithoutDelay,
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

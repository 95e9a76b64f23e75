import { openStore, type Sql, type Store } from '@messagecore/chat-service/operator';

/** Name of the publication on the server that is left, and of the subscription and its slot on the one that is moved to. */
export const NAME = 'messagecore_move';

/** Addresses of a move, of the role that owns the tables; directly, not by way of a pooler. */
export interface MoveAddresses {
  /** The server that has the record. */
  readonly from: string;
  /** The server that is to have it. */
  readonly to: string;
  /** How the new server reaches the old one, with a role that may replicate. Kept by it until the move is over. */
  readonly fromLink: string;
  /** How the old server reaches the new one, for the way back. */
  readonly toLink: string;
}

/** Both servers, over connections that write where others may not. */
export interface Servers {
  readonly from: Sql;
  readonly to: Sql;
}

/** Runs `work` with both servers, and closes the connections. */
export async function withServers<T>({ from, to }: MoveAddresses, work: (servers: Servers) => Promise<T>): Promise<T> {
  const stores: Store[] = [];
  const open = (url: string) => {
    const store = openStore({ url: writing(url), poolSize: 3, applicationName: 'mc move', statementTimeoutMs: 0 });
    stores.push(store);
    return store.sql;
  };
  try {
    return await work({ from: open(from), to: open(to) });
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** The same text for the same row, and writes, whatever the database's own settings are. */
const SETTINGS = 'default_transaction_read_only=off&extra_float_digits=1&bytea_output=hex&IntervalStyle=postgres';

const writing = (url: string) => `${url}${url.includes('?') ? '&' : '?'}${SETTINGS}`;

export interface ServerFacts {
  readonly version: number;
  readonly database: string;
  readonly walLevel: string;
  /** Whether new sessions write when they do not say otherwise. */
  readonly takesWrites: boolean;
  readonly publishes: boolean;
  readonly subscribes: boolean;
  /** Subscribes, and the subscription is enabled: what the other server writes arrives here. */
  readonly follows: boolean;
}

export async function factsOf(sql: Sql): Promise<ServerFacts> {
  const [row] = await sql<ServerFacts[]>`
    select current_setting('server_version_num')::int / 10000 as version,
      current_database() as database,
      current_setting('wal_level') as "walLevel",
      exists (select from pg_publication where pubname = ${NAME}) as publishes,
      exists (select from pg_subscription s join pg_database d on d.oid = s.subdbid
        where subname = ${NAME} and datname = current_database()) as subscribes,
      exists (select from pg_subscription s join pg_database d on d.oid = s.subdbid
        where subname = ${NAME} and datname = current_database() and subenabled) as follows,
      coalesce((select boot.value from (
        select split_part(setting, '=', 2) as value, setdatabase from pg_db_role_setting, unnest(setconfig) as setting
        where setrole = 0 and split_part(setting, '=', 1) = 'default_transaction_read_only'
          and setdatabase = (select oid from pg_database where datname = current_database())
        ) boot limit 1), 'off') = 'off' as "takesWrites"`;
  if (row === undefined) throw new Error('PostgreSQL says nothing of itself');
  return row;
}

/** New sessions write, or do not. Those that are there go on as they are. */
export async function setWrites(sql: Sql, takesWrites: boolean): Promise<void> {
  const { database } = await factsOf(sql);
  await sql`alter database ${sql(database)} ${
    takesWrites ? sql`reset default_transaction_read_only` : sql`set default_transaction_read_only = on`
  }`;
}

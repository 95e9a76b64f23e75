/**
 * Ordinary statements, typed by the tables: drizzle over the raw client, a pool of it or one of its transactions.
 *
 * drizzle's own `drizzle(client)` does not do: it replaces the client's parsers of moments and JSON, which raw statements
 * rely on; it prepares nothing, so that every statement with parameters takes two round trips; and its errors show the
 * parameters. Here raw and typed statements share the client as it is, its transactions and its errors (db.int.test.ts,
 * decision 28).
 */
import { NoopCache } from 'drizzle-orm/cache/core';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { PgDatabase, PgDialect, type PreparedQueryConfig } from './drizzle.ts';
import {
  PostgresJsPreparedQuery,
  type PostgresJsQueryResultHKT,
  PostgresJsSession,
} from 'drizzle-orm/postgres-js/session';
import type { Sql, Transaction } from './connect.ts';

type Tables = Record<string, never>;
type Client = ConstructorParameters<typeof PostgresJsSession>[0];

/** Without `transaction`: a transaction is `sql.begin`, which the raw statements in it take part in. */
export type Db = Omit<PgDatabase<PostgresJsQueryResultHKT, Tables>, 'transaction'>;

const dialect = new PgDialect();
const cache = new NoopCache();

/** Cheap: made anew for every statement. */
export function db(sql: Sql | Transaction): Db {
  return new PgDatabase(dialect, new Session(sql as unknown as Client, dialect, undefined), undefined);
}

class Session extends PostgresJsSession<Client, Tables, Tables> {
  override prepareQuery<T extends PreparedQueryConfig>(
    ...[query, fields, , inArrays, mapper, about]: Parameters<PostgresJsSession<Client, Tables, Tables>['prepareQuery']>
  ): Statement<T> {
    const { client, logger } = this;
    return new Statement<T>(
      client,
      query.sql,
      query.params,
      logger,
      cache,
      about,
      undefined,
      fields,
      inArrays,
      true,
      mapper,
    );
  }
}

/** Prepared by the raw client, except behind a pooler, and failing with the raw client's errors. */
class Statement<T extends PreparedQueryConfig> extends PostgresJsPreparedQuery<T> {
  override async execute(): Promise<T['execute']> {
    try {
      return await super.execute();
    } catch (error) {
      throw error instanceof DrizzleQueryError ? error.cause : error;
    }
  }
}

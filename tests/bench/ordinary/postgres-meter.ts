import type { DevServer } from '@messagecore/dev-servers';
import postgres, { type Sql } from 'postgres';
import { childrenOf, endedChildrenCpuUs } from '../measure/process-cpu.ts';
import { minus, NO_USE, plus, type ProcessUse, processUse } from '../measure/process-use.ts';

/** What one database has cost: its backends and, with it, all of the server that belongs to no database. */
export interface PostgresUse extends ProcessUse {
  /** Commits that wrote something, of the whole server. */
  readonly commits: number;
  /** Of the whole server. */
  readonly walBytes: number;
  /** Those of them that are images of whole pages, which the first change after a checkpoint writes. */
  readonly pageImageBytes: number;
}

export interface PostgresReading {
  readonly lsn: string;
  /** By process. Its database is null for background processes. */
  readonly processes: ReadonlyMap<number, { readonly database: string | null; readonly use: ProcessUse }>;
  /** CPU time of processes that have ended. */
  readonly endedUs: number;
}

/** Reads a server that several databases share. Backends of other databases do not count, nor does its own. */
export class PostgresMeter {
  readonly #server: DevServer;
  readonly #sql: Sql;

  static async open(server: DevServer): Promise<PostgresMeter> {
    const sql = postgres(server.url, { max: 1, onnotice: () => {}, connection: { application_name: 'meter' } });
    await sql`create extension if not exists pg_walinspect`;
    return new PostgresMeter(server, sql);
  }

  private constructor(server: DevServer, sql: Sql) {
    this.#server = server;
    this.#sql = sql;
  }

  close(): Promise<void> {
    return this.#sql.end();
  }

  async read(): Promise<PostgresReading> {
    const [row] = await this.#sql<{ lsn: string; databases: Record<string, string | null> }[]>`
      select pg_current_wal_flush_lsn()::text as lsn, json_object_agg(pid, datname) as databases from pg_stat_activity`;
    const pids = descendantsOf(this.#server.pid ?? 0);
    return {
      lsn: row?.lsn ?? '',
      processes: new Map(
        pids.map((pid) => [pid, { database: row?.databases[pid] ?? null, use: processUse(pid) }] as const),
      ),
      endedUs: pids.reduce((sum, pid) => sum + endedChildrenCpuUs(pid), 0),
    };
  }

  async between(before: PostgresReading, after: PostgresReading, database: string): Promise<PostgresUse> {
    return { ...processesBetween(before, after, database), ...(await this.#walBetween(before.lsn, after.lsn)) };
  }

  /** Read from the log itself: the statistics of backends lag by up to ten seconds. */
  async #walBetween(from: string, to: string): Promise<Omit<PostgresUse, keyof ProcessUse>> {
    if (from === to) return { commits: 0, walBytes: 0, pageImageBytes: 0 };
    const [row] = await this.#sql<Omit<PostgresUse, keyof ProcessUse>[]>`
      select pg_wal_lsn_diff(${to}, ${from})::float8 as "walBytes",
        coalesce(sum(count) filter (where "resource_manager/record_type" = 'Transaction/COMMIT'), 0)::float8 as commits,
        coalesce(sum(fpi_size), 0)::float8 as "pageImageBytes"
      from pg_get_wal_stats(${from}, ${to}, true)`;
    return row ?? { commits: 0, walBytes: 0, pageImageBytes: 0 };
  }
}

/** What ended in between counts for the database, whosever it was. */
export function processesBetween(before: PostgresReading, after: PostgresReading, database: string): ProcessUse {
  let use = NO_USE;
  for (const [pid, process] of after.processes) {
    if (process.database !== null && process.database !== database) continue;
    use = plus(use, minus(process.use, before.processes.get(pid)?.use ?? NO_USE));
  }
  const ended = [...before.processes].filter(([pid]) => !after.processes.has(pid));
  const countedBefore = ended.reduce((sum, [, process]) => sum + process.use.cpuUs, 0);
  return plus(use, { cpuUs: Math.max(0, after.endedUs - before.endedUs - countedBefore), wakeUps: 0 });
}

/** The process and all below it. */
function descendantsOf(pid: number): number[] {
  try {
    return [pid, ...childrenOf(pid).flatMap(descendantsOf)];
  } catch {
    return [];
  }
}

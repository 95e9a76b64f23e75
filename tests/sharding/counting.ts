/**
 * A PostgreSQL that keeps the plan of each statement as it was run, those inside functions and triggers too, beside the
 * counts of pg_stat_statements. A statement has the same number in both.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import { ensureDatabase, startPostgres } from '@messagecore/dev-servers';
import postgres from 'postgres';
import type { PlanNode } from './plan-keys.ts';

/** The role whose statements are kept, and the one of processes that work behind requests. */
const WATCHED = 'requests';
const UNWATCHED = 'background';

export interface SeenStatement {
  /** By which pg_stat_statements knows it. */
  readonly id: string;
  readonly text: string;
  readonly plan: PlanNode;
}

export interface CountingServer {
  /** For a service whose statements are kept. */
  readonly watchedUrl: string;
  /** For one whose statements are not. */
  readonly unwatchedUrl: string;
  /** As a superuser. */
  readonly sql: postgres.Sql;
  /** Forgets what was seen. */
  reset(): Promise<void>;
  /** What was counted since: the beginning of each text by its number. */
  counted(): Promise<ReadonlyMap<string, string>>;
  /** What was run since. */
  seen(): Promise<readonly SeenStatement[]>;
  /** The plan of a statement, whatever its parameters are. */
  planOf(statement: string): Promise<PlanNode>;
  stop(): Promise<void>;
}

const SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements,auto_explain',
  compute_query_id: 'on',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_utility': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_verbose': 'on',
  'auto_explain.log_format': 'json',
  logging_collector: 'on',
  log_destination: 'jsonlog',
  log_rotation_age: 0,
  log_rotation_size: 0,
};

/** With the product's schema. */
export async function startCountingServer(folder: string): Promise<CountingServer> {
  const server = await startPostgres({
    dataDir: join(folder, 'postgres'),
    durable: false,
    log: () => {},
    settings: SETTINGS,
  });
  const url = await ensureDatabase(server.url, 'messagecore');
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`create extension pg_stat_statements`;
  const urls = await Promise.all([WATCHED, UNWATCHED].map((role) => createRole(sql, url, role)));
  await sql.unsafe(`alter role ${WATCHED} set auto_explain.log_min_duration = 0`);
  let from = 0;
  return {
    watchedUrl: urls[0] ?? '',
    unwatchedUrl: urls[1] ?? '',
    sql,
    reset: async () => {
      await sql`select pg_stat_statements_reset()`;
      from = (await readLog(sql)).length;
    },
    counted: async () => {
      const rows = await sql<{ id: string; text: string }[]>`
        select queryid::text as id, left(query, 200) as text from pg_stat_statements s
        join pg_roles r on r.oid = s.userid where r.rolname = ${WATCHED}`;
      return new Map(rows.map(({ id, text }) => [id, text]));
    },
    seen: async () => statementsIn((await readLog(sql)).slice(from)),
    planOf: async (statement) => {
      const [row] = await sql.unsafe<{ 'QUERY PLAN': { Plan: PlanNode }[] }[]>(
        `explain (verbose, generic_plan, format json) ${statement}`,
      );
      return row!['QUERY PLAN'][0]!.Plan;
    },
    stop: async () => {
      await sql.end({ timeout: 5 });
      await server.stop();
    },
  };
}

async function createRole(sql: postgres.Sql, url: string, role: string): Promise<string> {
  const address = new URL(url);
  await sql.unsafe(`create role ${role} login superuser password '${address.password}'`);
  address.username = role;
  return address.href;
}

async function readLog(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ text: string }[]>`select pg_read_file(pg_current_logfile('jsonlog')) as text`;
  return row?.text ?? '';
}

/** A plan that was seen before is left out. */
function statementsIn(log: string): readonly SeenStatement[] {
  const found = new Map<string, SeenStatement>();
  for (const line of log.split('\n')) {
    if (!line.includes(' plan:')) continue;
    const { message } = JSON.parse(line) as { message: string };
    const json = /^duration: [\d.]+ ms {2}plan:\n([^]*)$/.exec(message)?.[1];
    if (json === undefined) continue;
    // A number of 64 bits.
    const id = /^ {2}"Query Identifier": (-?\d+),?$/m.exec(json)?.[1] ?? '';
    const { 'Query Text': text, Plan: plan } = JSON.parse(json) as { 'Query Text': string; Plan: PlanNode };
    const hash = createHash('sha256').update(id).update(JSON.stringify(plan, withoutCosts)).digest('hex');
    found.set(hash, { id, text: text.replace(/\s+/g, ' ').trim(), plan });
  }
  return [...found.values()];
}

/** What differs between two runs of one plan. */
function withoutCosts(key: string, value: unknown): unknown {
  return /^(?:Startup Cost|Total Cost|Plan Rows|Plan Width)$/.test(key) ? undefined : value;
}

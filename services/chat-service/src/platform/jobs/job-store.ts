/**
 * The statements of the job queue. Every moment is the database's: clocks of processes have no say in what is due.
 *
 * Raw SQL: every job goes through them; `skip locked`, `recursive`.
 */
import { and, eq } from '../database/drizzle.ts';
import type { Sql, Transaction } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { jobs } from './tables.ts';

/** A job that a runner has taken. */
export interface Job extends Readonly<Pick<typeof jobs.$inferSelect, 'id' | 'kind' | 'payload'>> {
  readonly tid: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly lease: string;
}

/** Jobs that become ready in one statement. */
const PROMOTION = 1_000;
/** Tenants that are looked at for one claim. */
const TENANTS = 100;

/** Makes jobs ready whose time has come, among them those whose runner died. Returns how many. */
export async function promoteDue(sql: Sql): Promise<number> {
  const { count } = await sql`
    update jobs set ready = true
    where id in (
      select id from jobs where not ready and not dead and run_at <= now()
      order by run_at limit ${PROMOTION} for update skip locked
    )`;
  return count;
}

export interface Claim {
  readonly kinds: readonly string[];
  readonly limit: number;
  /** Until then the job is nobody else's, unless its runner ends before. */
  readonly leaseMs: number;
  /** Turns start behind this tenant. */
  readonly after: string;
}

/**
 * Takes up to `limit` ready jobs: of each tenant in turn one, the most urgent and oldest, before anybody's second. A
 * tenant with many jobs so never delays another's first. Looks at a hundred tenants behind `after`, by the index.
 */
export async function claim(sql: Sql, { kinds, limit, leaseMs, after }: Claim): Promise<readonly Job[]> {
  return sql<Job[]>`
    with recursive turn as (
      (select tenant_id, 1 as n from jobs where ready and tenant_id > ${after}::uuid order by tenant_id limit 1)
      union all
      select (select j.tenant_id from jobs j where j.ready and j.tenant_id > t.tenant_id order by j.tenant_id limit 1),
        t.n + 1
      from turn t where t.tenant_id is not null and t.n < ${TENANTS}
    ),
    candidate as (
      select job.id, row_number() over (partition by turn.tenant_id order by level.priority desc, job.id) as place, turn.n
      from turn
      cross join unnest(array[2, 1, 0]) as level (priority)
      cross join lateral (
        select id from jobs
        where ready and tenant_id = turn.tenant_id and priority = level.priority and kind = any(${kinds}::text[])
        order by id limit ${limit} for update skip locked
      ) job
    ),
    picked as (select id from candidate order by place, n limit ${limit})
    update jobs
    set ready = false, attempts = attempts + 1, lease = gen_random_uuid(),
      run_at = now() + ${leaseMs} * interval '1 millisecond'
    from picked
    where jobs.id = picked.id
    returning jobs.id, tenant_id as tid, kind, payload, attempts as attempt, lease`;
}

/**
 * The first statement of the transaction that does the work: holds the job so that nobody else takes it, and deletes it,
 * which counts when the work commits. False when the lease was taken over.
 */
export async function finish(tx: Transaction, { id, lease }: Job): Promise<boolean> {
  const { count } = await tx`delete from jobs where id = ${id} and lease = ${lease} and not ready`;
  return count === 1;
}

/** Puts a job back whose attempt failed, or leaves it for dead when `retryMs` is undefined. */
export async function fail(
  sql: Sql | Transaction,
  { id, lease }: Job,
  error: string,
  retryMs: number | undefined,
): Promise<void> {
  await sql`
    update jobs
    set last_error = ${error}, lease = null, dead = ${retryMs === undefined},
      run_at = now() + ${retryMs ?? 0} * interval '1 millisecond'
    where id = ${id} and lease = ${lease}`;
}

/** Makes a dead job ready again, with all its attempts. False when there is none. */
export async function replay(sql: Sql, id: number): Promise<boolean> {
  const { count } = await db(sql)
    .update(jobs)
    .set({ dead: false, ready: true, attempts: 0 })
    .where(and(eq(jobs.id, id), jobs.dead));
  return count === 1;
}

export interface QueueState {
  readonly ready: number;
  readonly dead: number;
  /** How long the oldest ready job has been due, in milliseconds. */
  readonly lateMs: number;
}

export async function stateOf(sql: Sql): Promise<QueueState> {
  const [row] = await sql<QueueState[]>`
    select count(*) filter (where ready) as ready, count(*) filter (where dead) as dead,
      coalesce(extract(epoch from now() - min(run_at) filter (where ready)) * 1000, 0)::float8 as "lateMs"
    from jobs where ready or dead`;
  return row ?? { ready: 0, dead: 0, lateMs: 0 };
}

/** Raw SQL: many rows in one statement, more than it may have parameters. */
import type { Sql, Transaction } from '../database/connect.ts';

/** The tenant of the platform's own jobs: no tenant has it, and its turn is the last. */
export const PLATFORM_TENANT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Whose a row is; null for the platform's own. */
export const tenantOf = ({ tenantId }: { readonly tenantId: string }) =>
  tenantId === PLATFORM_TENANT ? null : tenantId;

export const PRIORITY = { background: 0, ordinary: 1, urgent: 2 } as const;
export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

export interface NewJob {
  readonly kind: string;
  readonly tid?: string;
  readonly payload: object;
  readonly priority?: Priority;
  /** Not before so many milliseconds from now, by the database's clock. At once when left out. */
  readonly delayMs?: number;
  /** Not before this moment instead, milliseconds since the epoch, by the database's clock. */
  readonly runAt?: number;
  /** While a job of this kind and key waits, enqueueing another one does nothing. */
  readonly key?: string;
}

/**
 * Enqueues a job. In a transaction it exists when that transaction commits, and not otherwise. Returns false when a job of
 * its kind and key is waiting already.
 */
export async function enqueue(sql: Sql | Transaction, job: NewJob): Promise<boolean> {
  return (await enqueueAll(sql, [job])) === 1;
}

/** Enqueues many, however many, in one statement. Returns how many there are more by it. */
export async function enqueueAll(sql: Sql | Transaction, given: readonly NewJob[]): Promise<number> {
  if (given.length === 0) return 0;
  const { count } = await sql`
    insert into jobs (tenant_id, kind, payload, priority, run_at, ready, key)
    select tid, kind, payload, priority, due, due <= now(), key
    from json_to_recordset(${JSON.stringify(given.map(rowOf))}::text::json)
      as job (tid uuid, kind text, payload jsonb, priority smallint, "delayMs" float8, "runAt" float8, key text),
      coalesce(to_timestamp("runAt" / 1000), now() + "delayMs" * interval '1 millisecond') as due
    on conflict (kind, key) where key is not null and not dead do nothing`;
  return count;
}

/**
 * Takes back a job that waits under this key. One that is under way is left alone, and no wait for it: its work looks for
 * itself whether it is still wanted.
 */
export async function cancel(tx: Transaction, { kind, key }: Required<Pick<NewJob, 'kind' | 'key'>>): Promise<void> {
  await tx`
    delete from jobs where id in (
      select id from jobs where kind = ${kind} and key = ${key} and not dead and (ready or lease is null)
      for update skip locked
    )`;
}

function rowOf(job: NewJob) {
  const { kind, tid = PLATFORM_TENANT, payload, priority = PRIORITY.ordinary, delayMs = 0, key = null } = job;
  return { tid, kind, payload, priority, delayMs, runAt: job.runAt ?? null, key };
}

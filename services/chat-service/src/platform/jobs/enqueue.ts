import { sql as part } from 'drizzle-orm';
import type { Sql, Transaction } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { fromNow } from '../database/expressions.ts';
import { jobs } from './tables.ts';

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

/** Enqueues many in one statement. Returns how many there are more by it. */
export async function enqueueAll(sql: Sql | Transaction, given: readonly NewJob[]): Promise<number> {
  if (given.length === 0) return 0;
  const { count } = await db(sql)
    .insert(jobs)
    .values(given.map(rowOf))
    .onConflictDoNothing({ target: [jobs.kind, jobs.key], where: part`key is not null and not dead` });
  return count;
}

function rowOf(job: NewJob) {
  const { kind, tid = PLATFORM_TENANT, payload, priority = PRIORITY.ordinary, delayMs = 0, key = null } = job;
  return { tenantId: tid, kind, payload, priority, runAt: fromNow(delayMs), ready: delayMs <= 0, key };
}

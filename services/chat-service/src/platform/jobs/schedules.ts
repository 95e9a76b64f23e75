/**
 * Jobs that recur, by cron expressions in UTC.
 *
 * Invariant: each moment of a schedule enqueues at most one job, whatever the number of processes: `next_at` moves forward
 * in the transaction that enqueues. A clock that was set back repeats nothing; moments that passed unnoticed (every
 * process was down, or the clock was set forward) become one job, not many.
 */
import { Cron } from 'croner';
import { eq, lte, ne, not } from '../database/drizzle.ts';
import type { Sql } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { isAnyOf, now } from '../database/expressions.ts';
import { enqueue } from './enqueue.ts';
import { schedules } from './tables.ts';

export interface Schedule {
  /** Names the schedule, and is the kind of its job. */
  readonly name: string;
  /** Five fields, UTC. */
  readonly cron: string;
}

/** Writes down schedules that are new or changed, and forgets others. */
export async function saveSchedules(sql: Sql, wanted: readonly Schedule[]): Promise<void> {
  await sql.begin(async (tx) => {
    const at = await databaseTime(tx);
    for (const { name, cron } of wanted) {
      const nextAt = nextAfter(cron, at);
      await db(tx)
        .insert(schedules)
        .values({ name, cron, nextAt })
        .onConflictDoUpdate({ target: schedules.name, set: { cron, nextAt }, setWhere: ne(schedules.cron, cron) });
    }
    const names = wanted.map(({ name }) => name);
    await db(tx)
      .delete(schedules)
      .where(not(isAnyOf(schedules.name, names)));
  });
}

/** Enqueues a job for each schedule that is due. Returns their names. */
export async function enqueueDue(sql: Sql): Promise<readonly string[]> {
  return sql.begin(async (tx) => {
    const due = await db(tx)
      .select({ name: schedules.name, cron: schedules.cron, next: schedules.nextAt, at: now() })
      .from(schedules)
      .where(lte(schedules.nextAt, now()))
      .for('update', { skipLocked: true });
    for (const { name, cron, next, at } of due) {
      await enqueue(tx, { kind: name, payload: { scheduledFor: next.toISOString() }, key: next.toISOString() });
      await db(tx)
        .update(schedules)
        .set({ nextAt: nextAfter(cron, at) })
        .where(eq(schedules.name, name));
    }
    return due.map(({ name }) => name);
  });
}

async function databaseTime(sql: Pick<Sql, 'unsafe'>): Promise<Date> {
  const [row] = await sql.unsafe<{ now: Date }[]>('select now() as now');
  if (row === undefined) throw new Error('the database does not know the time');
  return row.now;
}

/** @throws Error when the expression is malformed or never due. */
export function nextAfter(cron: string, moment: Date): Date {
  const next = new Cron(cron, { timezone: 'UTC' }).nextRun(moment);
  if (next === null) throw new Error(`cron "${cron}" is never due`);
  return next;
}

/**
 * Jobs that recur, by cron expressions in UTC.
 *
 * Invariant: each moment of a schedule enqueues at most one job, whatever the number of processes: `next_at` moves forward
 * in the transaction that enqueues. A clock that was set back repeats nothing; moments that passed unnoticed (every
 * process was down, or the clock was set forward) become one job, not many.
 */
import { Cron } from 'croner';
import type { Sql } from '../database/connect.ts';
import { enqueue } from './enqueue.ts';

export interface Schedule {
  /** Names the schedule, and is the kind of its job. */
  readonly name: string;
  /** Five fields, UTC. */
  readonly cron: string;
}

/** Writes down schedules that are new or changed, and forgets others. */
export async function saveSchedules(sql: Sql, schedules: readonly Schedule[]): Promise<void> {
  await sql.begin(async (tx) => {
    const now = await databaseTime(tx);
    for (const { name, cron } of schedules) {
      await tx`
        insert into schedules (name, cron, next_at) values (${name}, ${cron}, ${nextAfter(cron, now)})
        on conflict (name) do update set cron = excluded.cron, next_at = excluded.next_at
        where schedules.cron <> excluded.cron`;
    }
    await tx`delete from schedules where name <> all(${schedules.map(({ name }) => name)}::text[])`;
  });
}

/** Enqueues a job for each schedule that is due. Returns their names. */
export async function enqueueDue(sql: Sql): Promise<readonly string[]> {
  return sql.begin(async (tx) => {
    const due = await tx<{ name: string; cron: string; next: Date; now: Date }[]>`
      select name, cron, next_at as next, now() as now from schedules where next_at <= now() for update skip locked`;
    for (const { name, cron, next, now } of due) {
      await enqueue(tx, { kind: name, payload: { scheduledFor: next.toISOString() }, key: next.toISOString() });
      await tx`update schedules set next_at = ${nextAfter(cron, now)} where name = ${name}`;
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

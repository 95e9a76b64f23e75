/** What the trial of `chat-service/test/trial` has left in its tables, compared with what it should have. */
import type postgres from 'postgres';
import { untilNone, withDatabase } from './database.ts';
import type { Trouble } from './scenario.ts';

const ENDED_WITHIN_MS = 60_000;
/** The trial's schedule is due at every second that divides by two. */
const EVERY_MS = 2_000;
/** Processes look every five seconds for what is due. */
const TICKING_MS = 15_000;
/** Jobs that a tick starts. */
const JOBS = 8;
/** What a booking that was not undone has written. */
const PIECES = 5;

/**
 * Every tick so far, and all that it started: rule `tick` where one came twice or was left out, `twice` where a job's effect
 * is not there once, `booking` where a saga's is not whole or not taken back, `unfinished` where something is still open.
 */
export function checkTrial({ cluster, onRest, complain }: Pick<Trouble, 'cluster' | 'onRest' | 'complain'>): void {
  onRest(() =>
    withDatabase(cluster.databaseUrl, async (sql) => {
      const [row] = await sql<{ now: Date }[]>`select now() as now`;
      const until = row?.now ?? new Date();
      const open = await untilNone(() => unfinished(sql, until), ENDED_WITHIN_MS);
      for (const detail of open) complain('unfinished', detail);
      for (const detail of await wrongTicks(sql)) complain('tick', detail);
      for (const detail of await wrongEffects(sql, until)) complain('twice', detail);
      for (const detail of await wrongBookings(sql, until)) complain('booking', detail);
    }),
  );
}

/** Of the ticks that were enqueued before `until`, what has not ended. */
async function unfinished(sql: postgres.Sql, until: Date): Promise<string[]> {
  const jobs = await sql<{ kind: string; dead: boolean; error: string | null }[]>`
    select kind, dead, last_error as error from jobs
    where kind like 'trial%' and coalesce(payload ->> 'tick', payload ->> 'scheduledFor')::timestamptz in ${ticks(sql, until)}`;
  const sagas = await sql<{ subject: string; status: string }[]>`
    select subject, status from sagas
    where kind = 'trial booking' and subject::timestamptz in ${ticks(sql, until)} and status not in ('done', 'undone')`;
  return [
    ...jobs.map(({ kind, dead, error }) => `job ${kind}${dead ? ', dead' : ''}: ${error ?? 'not run'}`),
    ...sagas.map(({ subject, status }) => `saga of ${subject}: ${status}`),
  ];
}

const ticks = (sql: postgres.Sql, until: Date) => sql`(select scheduled_for from trial_enqueued where at <= ${until})`;

/** Each tick once in the queue and once done; after each the next one that was due by the database's clock. */
async function wrongTicks(sql: postgres.Sql): Promise<string[]> {
  const found: string[] = [];
  const enqueued = await sql<{ tick: Date; at: Date }[]>`
    select scheduled_for as tick, at from trial_enqueued order by scheduled_for, at`;
  for (const [n, { tick, at }] of enqueued.entries()) {
    if (tick.getTime() % EVERY_MS !== 0) found.push(`${tick.toISOString()} is no moment of the schedule`);
    if (at < tick) found.push(`${tick.toISOString()} was started before it was due`);
    const next = enqueued[n + 1];
    const due = Math.floor(at.getTime() / EVERY_MS + 1) * EVERY_MS;
    if (next !== undefined && next.tick.getTime() !== due) {
      found.push(`after ${tick.toISOString()}, started at ${at.toISOString()}, came ${next.tick.toISOString()}`);
    }
  }
  const last = enqueued.at(-1);
  const [row] = await sql<{ now: Date }[]>`select now() as now`;
  const silence = (row?.now.getTime() ?? 0) - (last?.at.getTime() ?? 0);
  if (silence > TICKING_MS) found.push(`no tick for ${silence} ms`);
  const done = await sql<{ tick: Date; times: number }[]>`
    select scheduled_for as tick, count(*)::int as times from trial_ticks group by 1 having count(*) > 1`;
  return [...found, ...done.map(({ tick, times }) => `${tick.toISOString()} was done ${times} times`)];
}

async function wrongEffects(sql: postgres.Sql, until: Date): Promise<string[]> {
  const rows = await sql<{ tick: Date; effects: number; kinds: number }[]>`
    select t.scheduled_for as tick, count(e.n)::int as effects, count(distinct e.n)::int as kinds
    from trial_enqueued t left join trial_effects e on e.tick = t.scheduled_for
    where t.at <= ${until}
    group by 1 having count(e.n) <> ${JOBS} or count(distinct e.n) <> ${JOBS}`;
  return rows.map(({ tick, effects, kinds }) => `${tick.toISOString()}: ${effects} effects of ${kinds} jobs`);
}

/** A booking is whole, or nothing is left of it; those that cannot end well are undone, and progress says the same. */
async function wrongBookings(sql: postgres.Sql, until: Date): Promise<string[]> {
  const rows = await sql<{ subject: string; status: string; doomed: boolean; progress: number; pieces: number }[]>`
    select subject, status, (state ->> 'doomed')::boolean as doomed, progress,
      (select count(*)::int from trial_bookings b where b.tick = s.subject::timestamptz) as pieces
    from sagas s
    where kind = 'trial booking' and subject::timestamptz in ${ticks(sql, until)} and status in ('done', 'undone')`;
  const isRight = ({ status, doomed, progress, pieces }: (typeof rows)[number]) => {
    const wanted = status === 'done' ? PIECES : 0;
    return pieces === wanted && progress === wanted && !(doomed && status === 'done');
  };
  const [ticked] = await sql<{ count: number }[]>`select count(*)::int from trial_enqueued where at <= ${until}`;
  const missing = (ticked?.count ?? 0) - rows.length;
  const found = rows
    .filter((row) => !isRight(row))
    .map(
      (row) => `${row.subject}: ${row.status}, doomed ${row.doomed}, progress ${row.progress}, ${row.pieces} pieces`,
    );
  return missing === 0 ? found : [...found, `${missing} ticks without a saga that has ended`];
}

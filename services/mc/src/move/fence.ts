import type { Sql } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import { sleep } from '@messagecore/runtime';
import { setWrites } from './servers.ts';

const LOOK_MS = 50;
const LOOKS = 200;
/** A session that was being made when writes were switched off is seen in one of so many looks. */
const QUIET_LOOKS = 3;

/**
 * Nobody writes to this database any more when this settles: new sessions are read-only, and those that were there are ended.
 * A transaction that was under way is undone, and whoever asked for it was told nothing.
 *
 * @throws Error naming the sessions that may not be ended; what the signal is aborted with.
 */
export async function stopWrites(sql: Sql, signal: AbortSignal): Promise<void> {
  await setWrites(sql, false);
  const [row] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`;
  const at = row?.at ?? '';
  let quiet = 0;
  for (let look = 0; look < LOOKS; look += 1) {
    quiet = (await endSessions(sql, at)) === 0 ? quiet + 1 : 0;
    if (quiet === QUIET_LOOKS) return;
    await sleep(LOOK_MS, systemClock, signal);
    signal.throwIfAborted();
  }
  throw new Error('sessions of the old server do not end: look at pg_stat_activity');
}

/**
 * Ends sessions that may have begun before writes were switched off, and returns how many there were. Of those of roles that
 * ours is no member of, PostgreSQL does not say when they began.
 */
async function endSessions(sql: Sql, switchedOffAt: string): Promise<number> {
  const rows = await sql<{ pid: number }[]>`
    select a.pid, pg_terminate_backend(a.pid) from pg_stat_activity a
    where a.datname = current_database() and a.pid <> pg_backend_pid() and a.application_name <> 'mc move'
      and coalesce(a.backend_type, 'client backend') = 'client backend'
      and not exists (select from pg_replication_slots s where s.active_pid = a.pid)
      and (a.backend_start is null or a.backend_start < ${switchedOffAt}::text::timestamptz)`;
  return rows.length;
}

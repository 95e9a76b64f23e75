/**
 * Work that one instance does at a time, without a transaction or a session that lasts as long as the work: a row of
 * `leases` names the holder. It is free again when its time is over or the session that took or renewed it last is gone,
 * whichever comes first (behind a pooler sessions stay, and only the time counts).
 *
 * Two may be at it for a moment when one hangs for longer than its lease: what a lease guards must bear that.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import type { Sql } from './connect.ts';

const LEASE_MS = 5_000;
const RENEW_MS = 1_500;

/** Runs `work` under the lease `name`; undefined when another holds it. `isLost` says that it is not ours any more. */
export async function underLease<T>(
  sql: Sql,
  { name, holder, clock = systemClock }: { readonly name: string; readonly holder: string; readonly clock?: Clock },
  work: (isLost: () => boolean) => Promise<T>,
): Promise<T | undefined> {
  if (!(await take(sql, name, holder))) return undefined;
  let lost = false;
  let timer = clock.setTimeout(renew, RENEW_MS);
  function renew(): void {
    take(sql, name, holder).then(
      (mine) => (lost = !mine),
      // Tried again; meanwhile its time goes on.
      () => {},
    );
    timer = clock.setTimeout(renew, RENEW_MS);
  }
  try {
    return await work(() => lost);
  } finally {
    timer.cancel();
    // What fails here ends by itself.
    if (!lost) await release(sql, name, holder).catch(() => {});
  }
}

/** Takes a lease that is free, or renews it for its holder. */
async function take(sql: Sql, name: string, holder: string): Promise<boolean> {
  const taken = await sql`
    insert into leases as l (name, holder, holder_pid, held_until)
    values (${name}, ${holder}, pg_backend_pid(), clock_timestamp() + ${LEASE_MS} * interval '1 millisecond')
    on conflict (name) do update
    set holder = excluded.holder, holder_pid = excluded.holder_pid, held_until = excluded.held_until
    where l.holder = excluded.holder or l.held_until < clock_timestamp()
      or not exists (select from pg_stat_activity a where a.pid = l.holder_pid)
    returning name`;
  return taken.length > 0;
}

async function release(sql: Sql, name: string, holder: string): Promise<void> {
  await sql`update leases set held_until = '-infinity' where name = ${name} and holder = ${holder}`;
}

/**
 * Lets one instance at a time do some work, without a transaction or session that lasts as long as the work: a row of
 * `leases` names the holder. The lease is free again when it expires or when the session that renewed it last is gone,
 * whichever comes first (behind a pooler only the expiry counts).
 *
 * Two instances may work at the same time for a moment, when one hangs for longer than its lease: the work must be safe
 * then.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import type { Sql } from './connect.ts';

const LEASE_MS = 5_000;
const RENEW_MS = 1_500;

/**
 * Runs `work` under the lease `name`; undefined when another instance holds it. `isLost` says whether the lease was
 * lost meanwhile.
 */
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
      // Renewed again later; until then the lease goes on running out.
      () => {},
    );
    timer = clock.setTimeout(renew, RENEW_MS);
  }
  try {
    return await work(() => lost);
  } finally {
    timer.cancel();
    // A lease that cannot be released expires by itself.
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

/** Passes items on until the lease is lost. @throws Error then. */
export async function* whileHeld<T>(items: AsyncIterable<T>, isLost: () => boolean): AsyncGenerator<T> {
  for await (const item of items) {
    if (isLost()) throw new Error('another instance has the lease now');
    yield item;
  }
}

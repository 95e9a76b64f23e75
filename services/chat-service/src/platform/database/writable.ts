import { type Clock, systemClock } from '@messagecore/kernel';
import type { Store } from './connect.ts';

type Pools = Pick<Store, 'sql' | 'write'>;

/**
 * Resolves when the database takes writes over both ways to it. The statement changes nothing and has no transaction number,
 * but is refused wherever a write would be: by a standby, and where transactions are read-only. A session in which it is
 * refused ends (driver.ts), so that asking also finds the server that takes writes by now.
 *
 * @throws what the client library throws.
 */
export async function checkWritable({ sql, write }: Pools): Promise<void> {
  await Promise.all([sql, write].map((pool) => pool`delete from leases where false`));
}

/** The answer is cached for this long, so that readiness probes cost the database next to nothing. */
const CACHE_MS = 1_000;
/** Longer than a healthy database takes. */
const TIMEOUT_MS = 2_000;

/** Whether the database takes writes; the answer may be `CACHE_MS` old. Never rejects. */
export function createIsWritable(pools: Pools, clock: Clock = systemClock): () => Promise<boolean> {
  let known: { readonly answer: Promise<boolean>; readonly until: number } | undefined;
  const check = () =>
    new Promise<boolean>((resolve) => {
      const timer = clock.setTimeout(() => resolve(false), TIMEOUT_MS);
      checkWritable(pools)
        .then(
          () => resolve(true),
          () => resolve(false),
        )
        .finally(() => timer.cancel());
    });
  return () => {
    if (known === undefined || clock.monotonic() >= known.until) {
      known = { answer: check(), until: clock.monotonic() + CACHE_MS };
    }
    return known.answer;
  };
}

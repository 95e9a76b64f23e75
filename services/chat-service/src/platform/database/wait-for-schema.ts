import { Backoff, systemClock } from '@messagecore/kernel';
import type { Sql } from './connect.ts';
import { asChatError } from './failures.ts';
import { checkSchema } from './migrations.ts';

const WAIT_MS = 30_000;

/**
 * Resolves when the database answers and its schema is the one this code needs. A database that does not answer yet is
 * waited for, as the other servers are.
 *
 * @throws what `checkSchema` throws for an old schema, at once; the connection's error after 30 s.
 */
export async function waitForSchema(sql: Sql, onWait: (error: unknown) => void): Promise<void> {
  const backoff = new Backoff({ minMs: 100, maxMs: 2_000 });
  const deadline = systemClock.monotonic() + WAIT_MS;
  for (;;) {
    try {
      return await checkSchema(sql);
    } catch (error) {
      const passing = asChatError(error).code === 'unavailable';
      if (!passing || systemClock.monotonic() > deadline) throw error;
      onWait(error);
      await new Promise<void>((resolve) => systemClock.setTimeout(resolve, backoff.next()));
    }
  }
}

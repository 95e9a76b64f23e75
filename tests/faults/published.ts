import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';

/** What is committed and older than this should be in the stream, while all is well. */
const OLD = '5 seconds';
const LOOK_MS = 250;

/** Waits until nothing is kept back from the stream any more. False when that does not come within `withinMs`. */
export async function untilPublished(databaseUrl: string, withinMs: number): Promise<boolean> {
  const sql = postgres(databaseUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  const deadline = performance.now() + withinMs;
  try {
    for (;;) {
      const [row] = await sql`select count(*)::int as waiting from outbox where created_at < now() - ${OLD}::interval`;
      if (row?.['waiting'] === 0) return true;
      if (performance.now() > deadline) return false;
      await sleep(LOOK_MS);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}

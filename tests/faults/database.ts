import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';

const LOOK_MS = 250;

/** A connection of the harness's own, for as long as `work` takes. */
export async function withDatabase<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Looks until nothing is wrong any more; returns what still is after `withinMs`. */
export async function untilNone(
  wrongs: () => Promise<readonly string[]>,
  withinMs: number,
): Promise<readonly string[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const wrong = await wrongs();
    if (wrong.length === 0 || performance.now() > deadline) return wrong;
    await sleep(LOOK_MS);
  }
}

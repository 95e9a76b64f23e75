import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';

/** A transaction for two thirds of the time, from the sixth part on. It reads nothing more, and is not over. */
export async function holdHorizon(url: string, seconds: number): Promise<void> {
  await sleep((seconds / 6) * 1_000);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.begin('isolation level repeatable read', async (tx) => {
    await tx`select count(*) from tenants`;
    await sleep((seconds * 4_000) / 6);
  });
  await sql.end();
}

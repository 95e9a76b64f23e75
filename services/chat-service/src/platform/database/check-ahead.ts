import { ChatError } from '@messagecore/protocol';
import type { Sql, Transaction } from './connect.ts';

/** Throws `bad_request` for a moment `at`, in milliseconds, that is not ahead, or too far, by the database's clock. */
export async function checkAhead(sql: Sql | Transaction, at: number, mostDays: number): Promise<void> {
  const [row] = await sql<{ ahead: boolean }[]>`
    select to_timestamp(${at}::float8 / 1000) between now() and now() + ${mostDays} * interval '1 day' as ahead`;
  if (row?.ahead === true) return;
  const message = `must be ahead, by ${mostDays} days at most`;
  throw new ChatError('bad_request', `at: ${message}`, { errors: [{ path: 'at', message }] });
}

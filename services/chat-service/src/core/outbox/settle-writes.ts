/**
 * Before what ends tokens is answered: waits for the transactions that may not have seen it.
 *
 * Invariant: whoever stores or changes messages locks the table of conversations first, in whatever mode writers lock a table
 * in, and reads the generations of tokens after that, with a new snapshot. So a transaction that has read what was true
 * before the commit of a revocation holds that lock at the first look after this commit, until it ends. Nobody waits for
 * the one who looks. When one of them goes on for too long the revocation is in force, but not answered as carried out.
 *
 * Raw SQL: of the server's own tables.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';

/** A transaction of ours that hangs is ended by the server before. */
const WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 5;

/** @throws ChatError `unavailable` when a transaction that began before goes on for too long. */
export async function settleWrites(sql: Sql, clock: Clock = systemClock): Promise<void> {
  const until = clock.monotonic() + WITHIN_MS;
  const before = new Set(await writersOf(sql));
  for (
    let left = before;
    left.size > 0;
    left = new Set((await writersOf(sql)).filter((writer) => before.has(writer)))
  ) {
    if (clock.monotonic() > until) throw new ChatError('unavailable', 'what was sent before may still be stored');
    await new Promise<void>((resolve) => clock.setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Transactions, each by a name that no other one gets. */
async function writersOf(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ writer: string }[]>`
    select distinct virtualtransaction as writer from pg_locks
    where locktype = 'relation' and relation = 'conversations'::regclass
      and database = (select oid from pg_database where datname = current_database())
      and mode in ('RowShareLock', 'RowExclusiveLock') and granted`;
  return rows.map(({ writer }) => writer);
}

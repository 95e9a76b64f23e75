import type { Sql } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import { sleep } from '@messagecore/runtime';
import { NAME } from './servers.ts';

/** How long the new server may take to catch up while writes go on, so that its lag is no part of a pause. */
export const BESIDE_TRAFFIC_MS = 30_000;
const LOOK_MS = 10;

interface Patience {
  readonly withinMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Whether the new server gets all that the old one has written by now in that time, on its disk. It takes a connection to the
 * old server at a time. @throws what a server says; what the signal is aborted with.
 */
export async function isConfirmed(from: Sql, { withinMs, signal }: Patience): Promise<boolean> {
  const deadline = systemClock.monotonic() + withinMs;
  const lsn = await flush(from);
  while (!(await hasConfirmed(from, lsn))) {
    if (systemClock.monotonic() > deadline) return false;
    await sleep(LOOK_MS, systemClock, signal);
    signal?.throwIfAborted();
  }
  return true;
}

/**
 * Writes the whole log to the disk, and returns up to where. Only what is on the disk is sent on, and PostgreSQL itself writes
 * what no commit follows, such as the locks of rows in a transaction that waits, up to 15 s later.
 */
async function flush(from: Sql): Promise<string> {
  const [row] = await from.begin(
    (tx) => tx<{ lsn: string }[]>`
      with setting as materialized (select set_config('synchronous_commit', 'on', true))
      select pg_logical_emit_message(true, ${NAME}, '')::text as lsn from setting`,
  );
  if (row === undefined) throw new Error('PostgreSQL does not say where its log ends');
  return row.lsn;
}

async function hasConfirmed(from: Sql, lsn: string): Promise<boolean> {
  const [row] = await from<{ reached: boolean }[]>`
    select confirmed_flush_lsn >= ${lsn}::text::pg_lsn as reached from pg_replication_slots where slot_name = ${NAME}`;
  return row?.reached === true;
}

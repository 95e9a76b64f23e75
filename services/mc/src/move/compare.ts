/**
 * Compares every row of both servers at one and the same point. Writes stand still from the moment when all tables of the old
 * server are locked until the new one has got what was written before, and there is a snapshot of each: about as long as
 * it lags. The rows are read beside the traffic.
 */
import type { Sql } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import { BESIDE_TRAFFIC_MS, isConfirmed } from './confirmed.ts';
import { retryLocks } from '../installation/retry-locks.ts';
import { type Difference, differences, sumsOf, type TableSum } from '../installation/table-sums.ts';
import type { Servers } from './servers.ts';
import { movedTables } from './tables.ts';

export interface Comparison {
  readonly tables: number;
  readonly rows: number;
  readonly differences: readonly Difference[];
}

/** Rows of both servers, as they were when this was made. */
export interface Snapshots {
  /** Settles when every row was read. */
  readonly compared: Promise<Comparison>;
}

/** No writer is kept waiting for longer: the attempt is given up then. */
const STOPPED_AT_MOST_MS = 3_000;
const ATTEMPTS = 5;

type OnTable = (done: number, of: number) => void;

/** @throws what a server says; Error when the new server lags by more than it, or writers, are given. */
export async function compareBesideTraffic(
  servers: Servers,
  onTable: OnTable,
): Promise<Comparison & { readonly stoppedMs: number }> {
  const tables = await movedTables(servers.from);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    // So that writers wait for what comes after it alone.
    if (!(await isConfirmed(servers.from, { withinMs: BESIDE_TRAFFIC_MS }))) break;
    const seen = await retryLocks(() => stopAndSee(servers, tables, onTable));
    if (seen !== null) return { ...(await seen.snapshots.compared), stoppedMs: seen.stoppedMs };
  }
  throw new Error('the new server lags: look at "mc move status", and try again when it follows');
}

/** Null when the new server did not catch up in time. */
async function stopAndSee(servers: Servers, tables: readonly string[], onTable: OnTable) {
  const { from } = servers;
  return from.begin(async (locking) => {
    const started = systemClock.monotonic();
    await locking.unsafe(`lock table ${tables.join(', ')} in share mode`);
    if (!(await isConfirmed(from, { withinMs: STOPPED_AT_MOST_MS }))) return null;
    const snapshots = await seeBoth(servers, tables, onTable);
    return { snapshots, stoppedMs: Math.round(systemClock.monotonic() - started) };
  });
}

/** Both servers hold the same when this is called, and nobody writes until it settles. */
export async function seeBoth({ from, to }: Servers, tables: readonly string[], onTable: OnTable): Promise<Snapshots> {
  let done = 0;
  const count = () => onTable((done += 1), 2 * tables.length);
  const [old, now] = await Promise.all([see(from, tables, count), see(to, tables, count)]);
  const compared = Promise.all([old.sums, now.sums]).then(([before, after]) => ({
    tables: tables.length,
    rows: before.reduce((all, { rows }) => all + rows, 0),
    differences: differences(before, after),
  }));
  // Whoever waits for it handles its failure.
  compared.catch(() => {});
  return { compared };
}

/** Settles when there is a snapshot. */
async function see(sql: Sql, tables: readonly string[], onTable: () => void) {
  const { promise: seen, resolve, reject } = Promise.withResolvers<void>();
  const sums: Promise<readonly TableSum[]> = sql.begin(async (reading) => {
    await reading`set transaction isolation level repeatable read read only`;
    await reading`select count(*) from pg_namespace`;
    resolve();
    return sumsOf(reading, tables, onTable);
  });
  sums.catch(reject);
  await seen;
  return { sums };
}

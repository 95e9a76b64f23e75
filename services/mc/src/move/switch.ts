import type { Sql } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import { sleep } from '@messagecore/runtime';
import { type Comparison, seeBoth, type Snapshots } from './compare.ts';
import { stopWrites } from './fence.ts';
import { publish, subscribe } from './prepare.ts';
import { factsOf, type MoveAddresses, NAME, type Servers, setWrites } from './servers.ts';
import { hasConfirmed, stateOf, writtenUpTo } from './state.ts';
import { carrySequences, movedTables } from './tables.ts';

export interface SwitchOptions extends Pick<MoveAddresses, 'toLink'> {
  /** The old server gets what is written from then on. */
  readonly wayBack: boolean;
  /** Rows are compared after the pause, and not in it. */
  readonly compareLater: boolean;
  /** How long the new server may take to get the last of it. */
  readonly waitMs: number;
  readonly onTable: (done: number, of: number) => void;
}

export interface Switched {
  /** From the moment when the old server took no more writes to that when the new one took the first. */
  readonly pausedMs: number;
  readonly sequences: number;
  readonly comparison: Comparison;
}

const LOOK_MS = 10;
/** More than that is not caught up with in a pause. */
const MOST_LAG_BYTES = 64 * 1024 ** 2;

/**
 * Stops all writes on the old server, waits until the new one has everything, and opens it. When anything is not as it should
 * be before that, the old server takes writes again and nothing has changed.
 *
 * @throws Error saying what is wrong; `SwitchRefused` with what differs when rows are not equal.
 */
export async function switchOver(servers: Servers, options: SwitchOptions): Promise<Switched> {
  const { from, to } = servers;
  await checkReady(servers);
  const tables = await movedTables(from);
  const started = systemClock.monotonic();
  const { snapshots, sequences } = await orUndo(from, async () => {
    await stopWrites(from);
    await untilConfirmed(from, options.waitMs);
    const seen = await seeBoth(servers, tables, options.onTable);
    if (!options.compareLater) await checkEqual(seen);
    const carried = await carrySequences(from, to);
    if (options.wayBack) await prepareWayBack(servers, tables, options.toLink);
    return { snapshots: seen, sequences: carried };
  });
  await setWrites(to, true);
  const pausedMs = Math.round(systemClock.monotonic() - started);
  await endForward(servers);
  if (options.wayBack) await from.unsafe(`alter subscription ${NAME} enable`);
  return { pausedMs, sequences, comparison: await snapshots.compared };
}

/** Rows that are not the same on both servers. */
export class SwitchRefused extends Error {
  readonly comparison: Comparison;

  constructor(comparison: Comparison) {
    super(`${comparison.differences.length} tables differ: the old server takes writes again`);
    this.comparison = comparison;
  }
}

async function checkReady(servers: Servers): Promise<void> {
  const { phase, lagBytes } = await stateOf(servers);
  if (phase === 'switched') throw new Error('the new server takes the writes already: "mc move end" ends the move');
  if (phase !== 'following') throw new Error('the new server does not follow yet: look at "mc move status"');
  if ((lagBytes ?? 0) > MOST_LAG_BYTES)
    throw new Error(`the new server lags by ${lagBytes} bytes: wait until it is less`);
}

async function orUndo<T>(from: Sql, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await setWrites(from, true);
    throw error;
  }
}

async function untilConfirmed(from: Sql, waitMs: number): Promise<void> {
  const deadline = systemClock.monotonic() + waitMs;
  const lsn = await writtenUpTo(from);
  while (!(await hasConfirmed(from, lsn))) {
    if (systemClock.monotonic() > deadline)
      throw new Error('the new server did not get everything in time: the old one takes writes again');
    await sleep(LOOK_MS, systemClock);
  }
}

async function checkEqual({ compared }: Snapshots): Promise<void> {
  const comparison = await compared;
  if (comparison.differences.length > 0) throw new SwitchRefused(comparison);
}

/** Its slot begins here, where both servers hold the same. It begins to work when the way forward has been taken away. */
async function prepareWayBack({ from, to }: Servers, tables: readonly string[], toLink: string): Promise<void> {
  if (!(await factsOf(to)).publishes) await publish(to, tables);
  if (!(await factsOf(from)).subscribes) await subscribe(from, toLink, 'copy_data = false, enabled = false');
}

/** With its slot on the old server. */
async function endForward({ from, to }: Servers): Promise<void> {
  await to.unsafe(`drop subscription if exists ${NAME}`);
  await from.unsafe(`drop publication if exists ${NAME}`);
}

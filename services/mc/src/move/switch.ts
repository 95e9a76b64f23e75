import { systemClock } from '@messagecore/kernel';
import { type Comparison, seeBoth, type Snapshots } from './compare.ts';
import { BESIDE_TRAFFIC_MS, isConfirmed } from './confirmed.ts';
import { stopWrites } from './fence.ts';
import { messageOf } from '../output/errors.ts';
import { publish } from './prepare.ts';
import { type MoveAddresses, type Servers, setWrites } from './servers.ts';
import { isFollowed, stateOf } from './state.ts';
import { beginToFollow, followLater } from './subscribe.ts';
import { carrySequences, movedTables } from './tables.ts';
import { dropPublication, dropSlot, dropSubscription, leftOf } from './take-away.ts';

export interface SwitchOptions extends Pick<MoveAddresses, 'toLink'> {
  /** The old server gets what is written from then on. */
  readonly wayBack: boolean;
  /** Rows are compared after the pause, and not in it. */
  readonly compareLater: boolean;
  /** How long the new server may take to get the last of it. */
  readonly waitMs: number;
  readonly onTable: (done: number, of: number) => void;
  /** Aborted while writes stand still, it ends the switch as anything does that is wrong. */
  readonly signal: AbortSignal;
}

export interface Switched {
  /** From the moment when the old server took no more writes to that when the new one took the first. */
  readonly pausedMs: number;
  readonly sequences: number;
  /** Null when the new server takes the writes, and rows that were to be compared later were not. */
  readonly comparison: Comparison | null;
  /** What did not succeed after that, a line each. */
  readonly left: readonly string[];
}

/** More than that is not caught up with in a pause. */
const MOST_LAG_BYTES = 64 * 1024 ** 2;

/**
 * Stops all writes on the old server, waits until the new one has everything, and opens it. When anything is not as it should
 * be before that, the old server takes writes again and nothing has changed.
 *
 * What fails when the new server is open is no failure of the switch, and is told as `left`.
 *
 * @throws Error saying what is wrong; `SwitchRefused` with what differs when rows are not equal, and when it was interrupted.
 */
export async function switchOver(servers: Servers, options: SwitchOptions): Promise<Switched> {
  const { from, to } = servers;
  const { signal } = options;
  await checkReady(servers, signal);
  const tables = await movedTables(from);
  const started = systemClock.monotonic();
  const { snapshots, sequences } = await orUndo(servers, options, async () => {
    await stopWrites(from, signal);
    if (!(await isConfirmed(from, { withinMs: options.waitMs, signal })))
      throw new Error('the new server did not get everything in time: the old one takes writes again');
    const seen = await unlessAborted(signal, seeBoth(servers, tables, options.onTable));
    if (!options.compareLater) await unlessAborted(signal, checkEqual(seen));
    const carried = await carrySequences(from, to);
    if (options.wayBack) await unlessAborted(signal, prepareWayBack(servers, tables, options.toLink));
    signal.throwIfAborted();
    return { snapshots: seen, sequences: carried };
  });
  await setWrites(to, true);
  const pausedMs = Math.round(systemClock.monotonic() - started);
  const left = [...(await changeDirection(servers, options.wayBack))];
  let comparison: Comparison | null = null;
  const compare = async () => (comparison = await unlessAborted(signal, snapshots.compared));
  left.push(...(await leftOf('rows were not compared', compare)));
  return { pausedMs, sequences, comparison, left };
}

/** Nothing was switched, and the old server takes writes again. */
export class SwitchRefused extends Error {
  /** Rows that are not the same on both servers; null when it was interrupted. */
  readonly comparison: Comparison | null;

  constructor(reason: string, comparison: Comparison | null) {
    super(`${reason}: the old server takes writes again`);
    this.comparison = comparison;
  }
}

/** After a switch that was killed in its pause, neither server takes writes: this one goes on from there. */
async function checkReady(servers: Servers, signal: AbortSignal): Promise<void> {
  const state = await stateOf(servers);
  const { lagBytes } = state;
  const phase = state.phase === 'stopped' && isFollowed(state) ? 'following' : state.phase;
  if (phase === 'switched') throw new Error('the new server takes the writes already: "mc move end" ends the move');
  if (phase !== 'following') throw new Error('the new server does not follow yet: look at "mc move status"');
  if ((lagBytes ?? 0) > MOST_LAG_BYTES)
    throw new Error(`the new server lags by ${lagBytes} bytes: wait until it is less`);
  if (!(await isConfirmed(servers.from, { withinMs: BESIDE_TRAFFIC_MS, signal })))
    throw new Error('the new server gets nothing: its log says why');
}

type Undone = Pick<SwitchOptions, 'signal' | 'wayBack'>;

async function orUndo<T>(servers: Servers, { signal, wayBack }: Undone, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const stopped = 'the old server still takes no writes, and "mc move end" opens it';
    const [left] = await leftOf(stopped, () => setWrites(servers.from, true));
    // What of it stays is taken away by the next switch, or the end.
    if (wayBack) await dropWayBack(servers);
    if (left !== undefined) throw new Error(`${messageOf(error)}; ${left}`, { cause: error });
    if (signal.aborted && error === signal.reason) throw new SwitchRefused('it was interrupted', null);
    throw error;
  }
}

/** The work itself goes on. @throws what the signal is aborted with. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  try {
    if (signal.aborted) abort();
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function checkEqual({ compared }: Snapshots): Promise<void> {
  const comparison = await compared;
  const { length } = comparison.differences;
  if (length > 0) throw new SwitchRefused(`${length} tables differ`, comparison);
}

/**
 * Its slot begins here, where both servers hold the same: one of a switch that was cut short is of another point. It begins to
 * work when the way forward has been taken away.
 */
async function prepareWayBack(servers: Servers, tables: readonly string[], toLink: string): Promise<void> {
  const [left] = await dropWayBack(servers);
  if (left !== undefined) throw new Error(left);
  await publish(servers.to, tables);
  await followLater({ on: servers.from, other: servers.to, link: toLink });
}

async function dropWayBack({ from, to }: Servers): Promise<readonly string[]> {
  return [
    ...(await dropSubscription('old', from)),
    ...(await dropPublication('new', to)),
    ...(await dropSlot('new', to)),
  ];
}

/** Takes away the way forward. The way back begins after that alone: both together would repeat each change for ever. */
async function changeDirection({ from, to }: Servers, wayBack: boolean): Promise<readonly string[]> {
  const follows = await dropSubscription('new', to);
  const left = [...follows, ...(await dropPublication('old', from)), ...(await dropSlot('old', from))];
  if (!wayBack) return left;
  const enable = async () => {
    if (follows.length > 0) throw new Error('the way forward is still there');
    await beginToFollow(from);
  };
  return [...left, ...(await leftOf('the old server does not follow', enable))];
}

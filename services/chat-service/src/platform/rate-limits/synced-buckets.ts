import { type Clock, gcra, systemClock, type Timer } from '@messagecore/kernel';
import type { Bucket, Buckets, Demand, Taken } from './buckets.ts';
import { createMemoryBuckets } from './memory-buckets.ts';

/** From what is taken until the other processes can know. */
export const SYNC_MS = 100;
/** After a failure, so that a store that is away is not asked for each demand. */
const RETRY_MS = 1_000;
/** Of each burst, what a process leaves to the others: beyond it the shared buckets decide. */
const LEFT_TO_OTHERS = 1 / 2;
/** Buckets with something to tell at most. What is taken from more is counted by this process alone. */
const MAX_UNTOLD = 100_000;

/** What a process has taken from one bucket since it last told. */
export interface Spending {
  readonly key: string;
  /** In the milliseconds that it takes to come back; below 0 when more was put back than taken. */
  readonly ms: number;
  /** Since the first of it was taken. */
  readonly ageMs: number;
}

/** Where processes add up what they have taken. */
export interface Tally {
  /** Answers, for each bucket, in how many milliseconds it is full again, by what all processes have told. */
  add(spendings: readonly Spending[]): Promise<readonly number[]>;
}

export interface SyncedBucketsOptions {
  readonly tally: Tally;
  /** The buckets of the tally. What is asked of them behind what is told sees it. Fail when the tally does. */
  readonly shared: Buckets;
  /** Called after every use of either, with the error when it failed. */
  readonly onResult: (error?: unknown) => void;
  readonly clock?: Pick<Clock, 'monotonic' | 'setTimeout'>;
}

export interface SyncedBuckets extends Buckets {
  /** Tells what is untold, and nothing more from then on. */
  stop(): Promise<void>;
}

/**
 * Buckets that all processes share, and of which a process gives without asking as long as half of the burst is left: it
 * tells the others ten times a second what it has let through, and learns what they have. Beyond that the shared buckets
 * decide on each demand.
 *
 * What passes over a longer time is as exact as with one shared bucket, since all that was taken is added up. For a moment
 * more may pass: half a burst for each further process, until they learn of each other. Nobody is refused too early. While
 * the store is away each process counts for itself; what it told then is not told again, as nobody knows whether it was
 * added.
 */
export function createSyncedBuckets(options: SyncedBucketsOptions): SyncedBuckets {
  const { tally, shared, onResult, clock = systemClock } = options;
  const own = createMemoryBuckets({ clock });
  let untold = new Map<string, { ms: number; readonly since: number }>();
  let timer: Timer | undefined;
  let telling: Promise<void> | undefined;
  let awayUntil = 0;
  let stopped = false;

  function note({ key, rate, cost = 1 }: Bucket, sign: 1 | -1): void {
    const ms = sign * gcra.interval(rate) * cost;
    const spent = untold.get(key);
    if (spent !== undefined) spent.ms += ms;
    else if (untold.size < MAX_UNTOLD) untold.set(key, { ms, since: clock.monotonic() });
    tellSoon();
  }

  function tellSoon(): void {
    if (stopped || timer !== undefined || telling !== undefined) return;
    const again = () => {
      timer = undefined;
      telling = tell().finally(() => {
        telling = undefined;
        if (untold.size > 0) tellSoon();
      });
    };
    timer = clock.setTimeout(again, Math.max(SYNC_MS, awayUntil - clock.monotonic()));
  }

  /** Never rejects. */
  async function tell(): Promise<void> {
    const at = clock.monotonic();
    const told = [...untold].map(([key, { ms, since }]): Spending => ({ key, ms, ageMs: at - since }));
    untold = new Map();
    try {
      const fullIn = await tally.add(told);
      onResult();
      const passed = clock.monotonic() - at;
      // Counted from before the question: so it never says full too late.
      for (const [n, { key }] of told.entries()) own.set(key, (fullIn[n] ?? 0) - passed + (untold.get(key)?.ms ?? 0));
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    onResult(error);
    awayUntil = clock.monotonic() + RETRY_MS;
  }

  function takeAtOnce(demand: Demand): Taken | undefined {
    const taken = own.takeLeaving(LEFT_TO_OTHERS, demand);
    if (taken !== undefined) for (const bucket of demand) note(bucket, 1);
    return taken;
  }

  /** To be told with the next time that the store is asked, as what is put back of it will be. */
  async function takeAlone(demands: readonly Demand[]): Promise<readonly Taken[]> {
    const taken = await own.take(demands);
    for (const [n, demand] of demands.entries()) if (taken[n]?.waitMs === 0) for (const each of demand) note(each, 1);
    return taken;
  }

  async function ask(demands: readonly Demand[]): Promise<readonly Taken[]> {
    if (clock.monotonic() < awayUntil) return takeAlone(demands);
    try {
      if (untold.size > 0) void tell();
      const taken = await shared.take(demands);
      onResult();
      for (const [n, demand] of demands.entries()) if (taken[n]?.waitMs === 0) own.spend(demand);
      return taken;
    } catch (error) {
      fail(error);
      return own.take(demands);
    }
  }

  return {
    async take(demands) {
      const atOnce = demands.map(takeAtOnce);
      const rest = demands.filter((_, n) => atOnce[n] === undefined);
      const asked = rest.length === 0 ? [] : await ask(rest);
      let next = 0;
      return atOnce.map((taken) => taken ?? asked[next++] ?? { waitMs: 0, left: 0 });
    },
    async giveBack(buckets) {
      await own.giveBack(buckets);
      for (const bucket of buckets) note(bucket, -1);
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      await telling;
      if (untold.size > 0) await tell();
    },
  };
}

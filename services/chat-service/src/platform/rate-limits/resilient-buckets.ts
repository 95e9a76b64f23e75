import { type Clock, systemClock } from '@messagecore/kernel';
import type { Buckets } from './buckets.ts';

/** After a failure the shared buckets are not used for this long, so that not every batch waits for their time-out. */
const AVOID_SHARED_MS = 1_000;

export interface ResilientBucketsOptions {
  readonly shared: Buckets;
  readonly local: Buckets;
  /** Called after every use of `shared`, with the error when it failed. */
  readonly onResult: (error?: unknown) => void;
  readonly clock?: Clock;
}

/**
 * Uses `shared`, and `local` while that fails. Never rejects: an unavailable limiter must not refuse or delay a write.
 */
export function createResilientBuckets(options: ResilientBucketsOptions): Buckets {
  const { shared, local, onResult, clock = systemClock } = options;
  let avoidSharedUntil = 0;
  async function tryShared<T>(question: (buckets: Buckets) => Promise<T>): Promise<T> {
    if (clock.monotonic() < avoidSharedUntil) return question(local);
    try {
      const answer = await question(shared);
      onResult();
      return answer;
    } catch (error) {
      onResult(error);
      avoidSharedUntil = clock.monotonic() + AVOID_SHARED_MS;
      return question(local);
    }
  }
  return {
    take: (demands) => tryShared((buckets) => buckets.take(demands)),
    giveBack: (tokens) => tryShared((buckets) => buckets.giveBack(tokens)),
  };
}

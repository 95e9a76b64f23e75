import { type Clock, systemClock } from '@messagecore/kernel';
import type { Buckets } from './buckets.ts';

/** For so long after a failure the shared buckets are not asked, so that their time-out is not paid by every batch. */
const AVOID_SHARED_MS = 1_000;

export interface ResilientBucketsOptions {
  readonly shared: Buckets;
  readonly local: Buckets;
  /** Told of every question to `shared`, with the error of one that failed. */
  readonly onResult: (error?: unknown) => void;
  readonly clock?: Clock;
}

/**
 * Asks `shared`; while it fails, `local` answers. Never rejects: a limiter that is away must not refuse or delay a
 * write.
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

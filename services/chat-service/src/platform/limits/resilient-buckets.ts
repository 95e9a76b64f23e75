import { type Clock, systemClock } from '@messagecore/kernel';
import type { Buckets } from './buckets.ts';

/** For so long after a failure the shared buckets are not asked, so that their time-out is not paid by every batch. */
const REST_MS = 1_000;

export interface ResilientBucketsOptions {
  readonly shared: Buckets;
  readonly local: Buckets;
  /** Told of every question to `shared`, with the error of one that failed. */
  readonly onAsked: (error?: unknown) => void;
  readonly clock?: Clock;
}

/**
 * Asks `shared`; while it fails, `local` answers. Never rejects: a limiter that is away must not refuse or delay a
 * write.
 */
export function createResilientBuckets(options: ResilientBucketsOptions): Buckets {
  const { shared, local, onAsked, clock = systemClock } = options;
  let restUntil = 0;
  async function ask<T>(question: (buckets: Buckets) => Promise<T>): Promise<T> {
    if (clock.monotonic() < restUntil) return question(local);
    try {
      const answer = await question(shared);
      onAsked();
      return answer;
    } catch (error) {
      onAsked(error);
      restUntil = clock.monotonic() + REST_MS;
      return question(local);
    }
  }
  return {
    take: (demands) => ask((buckets) => buckets.take(demands)),
    giveBack: (tokens) => ask((buckets) => buckets.giveBack(tokens)),
  };
}

import type { Rate } from '@messagecore/protocol';

/** One bucket: its name over all processes, and its rate. */
export interface Bucket {
  readonly key: string;
  readonly rate: Rate;
}

/** A wish for one token from each of some buckets: from all of them, or from none. */
export type Demand = readonly Bucket[];

/**
 * Token buckets. `take` answers each demand, in order, with 0 (granted) or the milliseconds after which it is worth
 * trying again. Demands of one call see each other's tokens gone.
 */
export interface Buckets {
  take(demands: readonly Demand[]): Promise<readonly number[]>;
  /** Puts back one token for each time a bucket is named; a full one stays full. */
  giveBack(buckets: readonly Bucket[]): Promise<void>;
}

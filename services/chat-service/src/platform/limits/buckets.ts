import type { Rate } from '@messagecore/protocol';

/** One bucket: its name over all processes, and its rate. */
export interface Bucket {
  readonly key: string;
  readonly rate: Rate;
  /**
   * Tokens to take or put back, 1 when left out. A request for more than the bucket holds is granted when it is full,
   * and leaves a debt.
   */
  readonly cost?: number;
}

/** A request for tokens from several buckets: from all of them, or from none. */
export type Demand = readonly Bucket[];

/**
 * Token buckets. `take` answers each demand, in order, with 0 (granted) or the milliseconds after which it is worth
 * trying again. Demands of one call see each other's tokens gone.
 */
export interface Buckets {
  take(demands: readonly Demand[]): Promise<readonly number[]>;
  /** Puts back the `cost` of each bucket, which may be named more than once; a full one stays full. */
  giveBack(buckets: readonly Bucket[]): Promise<void>;
}

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

/** What became of a demand. */
export interface Taken {
  /** 0 when it was granted, otherwise the milliseconds after which it is worth trying again. */
  readonly waitMs: number;
  /** Whole tokens left in the emptiest of its buckets. */
  readonly left: number;
}

/** Token buckets. */
export interface Buckets {
  /** Answers each demand, in order. Demands of one call see each other's tokens gone. */
  take(demands: readonly Demand[]): Promise<readonly Taken[]>;
  /** Puts back the `cost` of each bucket, which may be named more than once; a full one stays full. */
  giveBack(buckets: readonly Bucket[]): Promise<void>;
}

/**
 * The arithmetic of every token bucket, by the generic cell rate algorithm (ITU-T I.371): a bucket is one number, the
 * time in milliseconds at which it would be full again. That is all a store keeps, and once the time has passed it may be
 * dropped. A request for more than the burst is granted when the bucket is full, and leaves a debt.
 */
export interface BucketRate {
  /** Sustained rate. */
  readonly perSecond: number;
  /** Most tokens saved up; a bucket starts with that many. */
  readonly burst: number;
}

/** How exact the times of a store are. */
const RESOLUTION_MS = 0.002;

/** Milliseconds that one token takes to come back. */
export function interval({ perSecond }: BucketRate): number {
  return 1000 / perSecond;
}

/** Milliseconds until `cost` tokens are there, or the bucket is full; 0 or less when that is so now. */
export function wait(fullAt: number, now: number, rate: BucketRate, cost = 1): number {
  return spend(fullAt, now, rate, Math.min(cost, rate.burst) - rate.burst) - now;
}

/** The bucket after `cost` tokens were taken. */
export function spend(fullAt: number, now: number, rate: BucketRate, cost = 1): number {
  return Math.max(fullAt, now) + interval(rate) * cost;
}

/** The bucket after `cost` tokens were given back; one that is in the past is full. */
export function refund(fullAt: number, rate: BucketRate, cost = 1): number {
  return fullAt - interval(rate) * cost;
}

/** Tokens that the bucket lacks. */
export function missing(fullAt: number, now: number, rate: BucketRate): number {
  return Math.max(0, fullAt - now) / interval(rate);
}

/** Whole tokens that are there. */
export function left(fullAt: number, now: number, rate: BucketRate): number {
  return Math.max(0, Math.floor(rate.burst - missing(fullAt - RESOLUTION_MS, now, rate)));
}

/**
 * A token bucket as one number, by the generic cell rate algorithm (ITU-T I.371): the time at which the bucket would be
 * full again. One number a key is all that a store has to keep, and it may be dropped once it has passed. For buckets in
 * stores, where more than the burst may be asked; `TokenBucket` is the one of a single owner.
 */
import type { BucketRate } from './token-bucket.ts';

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

/**
 * A token bucket as one number, by the generic cell rate algorithm (ITU-T I.371): the time at which the bucket would be
 * full again. One number a key is all that a store has to keep, and it may be dropped once it has passed.
 */
import type { Rate } from '@messagecore/protocol';

/** Milliseconds that one token takes to come back. */
export function interval(rate: Rate): number {
  return 1000 / rate.perSecond;
}

/** Milliseconds until one token is there; 0 or less when it is there now. */
export function wait(fullAt: number, now: number, rate: Rate): number {
  return Math.max(fullAt, now) + interval(rate) * (1 - rate.burst) - now;
}

/** The bucket after one token was taken. */
export function spend(fullAt: number, now: number, rate: Rate): number {
  return Math.max(fullAt, now) + interval(rate);
}

/** The bucket after one token was given back; one that is in the past is full. */
export function refund(fullAt: number, rate: Rate): number {
  return fullAt - interval(rate);
}

import type { Clock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { within as settleWithin } from '@messagecore/runtime';

/**
 * The bound on every answer, over REST and over the bus: longer than a healthy one takes, shorter than PostgreSQL's own
 * bound on a statement.
 */
export const ANSWER_WITHIN_MS = 10_000;

/**
 * The outcome of `work`, or `unavailable` after `ms`: a hanging dependency must not hold a gateway's request for ever.
 * The work itself is not cancelled.
 */
export function within<T>(ms: number, work: Promise<T>, clock?: Clock): Promise<T> {
  return settleWithin(ms, work, clock, () => new ChatError('unavailable', 'no answer in time'));
}

import { ChatError } from '@messagecore/protocol';
import { asChatError } from './failures.ts';

export interface BatchFailure {
  /** The error for the item, when the batch has only one. */
  readonly error: ChatError;
  /** Whether one item may have failed the whole statement, so that the others can still be stored. */
  readonly mayBeOfOneItem: boolean;
}

/** SQLSTATEs of data that cannot be stored: bad values (22), values beyond a bound of the server (54). */
const BAD_VALUE = /^(?:22|54)/;

/** Constraints, faults inside the server, and conversations whose lock was not got: deadlock, conflict, time-outs. */
const OF_ONE = /^(?:23|XX|40001|40P01|55P03|57014)/;

/** What a failed batch means for its items. Other errors than the above would fail any statement. */
export function classifyFailure(error: unknown): BatchFailure {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code !== 'string') return { error: asChatError(error), mayBeOfOneItem: false };
  if (!BAD_VALUE.test(code)) return { error: asChatError(error), mayBeOfOneItem: OF_ONE.test(code) };
  return { error: new ChatError('bad_request', 'cannot be stored', { cause: error }), mayBeOfOneItem: true };
}

import { ChatError } from '@messagecore/protocol';

/** The refusal of a bulkhead that is full. */
export function tooMany(): ChatError {
  return new ChatError('rate_limited', 'too many of these at once');
}

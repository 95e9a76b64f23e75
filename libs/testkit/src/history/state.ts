import type { Message } from '@messagecore/protocol';

/** All of a message that the service keeps beside its body, as text that is equal when the state is. */
export function stateOf(message: Pick<Message, 'threadRoot' | 'edited' | 'recalled' | 'reactions' | 'pinned'>): string {
  const { threadRoot, edited = false, recalled = false, reactions = {}, pinned = false } = message;
  const counts = Object.entries(reactions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ threadRoot, edited, recalled, reactions: counts, pinned });
}

/** What was unread when a conversation was opened. All of it pure. */
import type { Message } from '@messagecore/protocol';
import { type ConversationState, unreadOf } from './state.ts';
import { isInConversation, reachesBack, type Timeline } from './timeline.ts';

/** What was unread when a conversation is opened is new; what comes while one looks is not. */
export function newsOf(conversation: ConversationState, me: string): Pick<ConversationState, 'newAfter' | 'newCount'> {
  const newCount = unreadOf(conversation, me);
  return { newCount, newAfter: newCount > 0 ? (conversation.reads.get(me) ?? 0) : Infinity };
}

/** Those of the messages that are new, as READ-4 counts them, and are shown in the conversation. */
export function newsIn(messages: readonly Message[], newAfter: number, me: string): readonly Message[] {
  const isNew = ({ seq, from, kind, recalled }: Message) =>
    seq > newAfter && from !== me && kind !== 'sys' && recalled !== true;
  return messages.filter((message) => isNew(message) && isInConversation(message));
}

/**
 * How many new messages there are to see in the conversation: as it was opened where not all of them are held, and 0 where
 * those that are shown would have to begin and do not.
 */
export function newsToShow({ timeline, excerpt, newAfter, newCount }: ConversationState, me: string): number {
  if (newAfter === Infinity || !timeline.loaded) return 0;
  const heldIn = ({ messages }: Timeline) => newsIn(messages, newAfter, me).length;
  if (reachesBack(timeline, newAfter)) return Math.min(heldIn(timeline), newCount);
  const begins =
    excerpt !== undefined && reachesBack(excerpt, newAfter) && (excerpt.messages.at(-1)?.seq ?? 0) > newAfter;
  return begins && heldIn(excerpt) === 0 ? 0 : newCount;
}

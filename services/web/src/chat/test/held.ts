/** What a page holds, for tests. */
import type { Message } from '@messagecore/protocol';
import { conversationInfo, messageIn } from '../../test/fake-client.ts';
import { type ChatState, type ConversationState, firstState } from '../state.ts';
import { NO_THREADS } from '../threads.ts';
import { EMPTY } from '../timeline.ts';

export const message = (seq: number, more: Partial<Message> = {}): Message => messageIn('room', seq, more);

export const INFO = conversationInfo('room', { name: null, head: 0 });

/** A conversation that `me` has read up to `readPos`, with its newest messages. */
export function conversation(readPos: number, ...messages: Message[]): ConversationState {
  const last = messages.at(-1);
  return {
    ...{ cid: 'room', info: INFO, members: [], typing: new Set(), newAfter: Infinity, newCount: 0 },
    ...{ excerpt: undefined, aim: undefined, quoted: new Map(), deliveredUpTo: 0 },
    ...{ head: last?.seq ?? 0, last, reads: new Map([['me', readPos]]) },
    timeline: { ...EMPTY, messages },
    threads: NO_THREADS,
  };
}

export const chatState = (...conversations: readonly ConversationState[]): ChatState => ({
  ...firstState({ phase: 'idle', transport: 'ws', url: 'ws://gateway' }, undefined),
  listed: true,
  conversations: new Map(conversations.map((each) => [each.cid, each])),
});

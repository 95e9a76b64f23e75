/** Messages that the page holds and that expire (EXPR-4). All of it pure. */
import type { Message } from '@messagecore/protocol';
import { expiredAt } from '@messagecore/sdk';
import type { OpenThread } from './open-thread.ts';
import type { ChatState, ConversationState } from './state.ts';
import type { Timeline } from './timeline.ts';

type Held = Pick<ChatState, 'conversations' | 'thread'>;

/** When the next one expires that is not hidden yet; `Infinity` where none will. */
export function nextExpiry(held: Held): number {
  let next = Infinity;
  for (const { expired, expiresAt } of messagesOf(held))
    if (expired !== true && expiresAt !== undefined && expiresAt < next) next = expiresAt;
  return next;
}

function* messagesOf({ conversations, thread }: Held): Generator<Message> {
  for (const { timeline, excerpt, last, quoted } of conversations.values()) {
    yield* timeline.messages;
    yield* excerpt?.messages ?? [];
    if (last !== undefined) yield last;
    for (const message of quoted.values()) if (message !== null) yield message;
  }
  yield* thread?.timeline.messages ?? [];
  if (thread?.root !== undefined) yield thread.root;
}

/** All of it without what has expired. */
export function withoutExpired<State extends Held>(state: State, now: number): State {
  const conversations = [...state.conversations].map(([cid, known]) => [cid, inConversation(known, now)] as const);
  const thread = state.thread && inThread(state.thread, now);
  return { ...state, conversations: new Map(conversations), thread };
}

function inConversation(known: ConversationState, now: number): ConversationState {
  const quoted = [...known.quoted].map(([seq, message]) => [seq, message && expiredAt(message, now)] as const);
  return {
    ...known,
    timeline: inTimeline(known.timeline, now),
    excerpt: known.excerpt && inTimeline(known.excerpt, now),
    last: known.last && expiredAt(known.last, now),
    quoted: new Map(quoted),
  };
}

function inThread(thread: OpenThread, now: number): OpenThread {
  const root = thread.root && expiredAt(thread.root, now);
  return { ...thread, root, timeline: inTimeline(thread.timeline, now) };
}

const inTimeline = (timeline: Timeline, now: number): Timeline => ({
  ...timeline,
  messages: timeline.messages.map((message) => expiredAt(message, now)),
});

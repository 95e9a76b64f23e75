/** What a page holds, for tests. */
import type { Message } from '@messagecore/protocol';
import type { ConversationInfo } from '@messagecore/sdk';
import type { ChatState, ConversationState } from '../state.ts';
import { NO_THREADS } from '../threads.ts';
import { EMPTY } from '../timeline.ts';

export const message = (seq: number, more: Partial<Message> = {}): Message => ({
  ...{ cid: 'room', seq, mid: `mid ${seq}`, from: 'ann', at: seq, kind: 'text', body: { text: 'x' }, rev: 0 },
  ...more,
});

export const INFO: ConversationInfo = {
  ...{
    cid: 'room',
    kind: 'group',
    name: null,
    topic: null,
    avatar: null,
    metadata: {},
    archived: false,
    history: 'all',
  },
  ...{
    posting: 'all',
    slowSeconds: 0,
    createdBy: 'ann',
    createdAt: 0,
    head: 0,
    rev: 0,
    epoch: 0,
    first: 1,
    peer: null,
  },
  ...{ myRole: 'member', readPos: 0, unread: 0, mentions: 0, settings: null, lastMessage: null },
};

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
  ...{
    connection: { phase: 'idle', transport: 'ws', url: 'ws://gateway' },
    wasOnline: false,
    unsent: 0,
    listed: true,
    invitations: [],
  },
  ...{ open: undefined, thread: undefined, myName: undefined },
  ...{ ownReactions: new Map(), ownVotes: new Map(), drafts: new Map(), presence: new Map(), names: new Map() },
  conversations: new Map(conversations.map((each) => [each.cid, each])),
});

import type { ConnectionStatus } from '@messagecore/sdk';
import type { Message } from '@messagecore/protocol';
import type { Timeline } from './timeline.ts';

/** Everything that the page shows, as one value that is replaced and never changed. */
export interface ChatState {
  readonly connection: ConnectionStatus;
  /** Once online, a lost connection is a *re*connect. */
  readonly wasOnline: boolean;
  readonly unsent: number;
  readonly conversations: ReadonlyMap<string, ConversationState>;
  readonly listed: boolean;
  readonly open: string | undefined;
  /** Display names by user id. */
  readonly names: ReadonlyMap<string, string>;
}

export interface ConversationState {
  readonly cid: string;
  readonly kind: string;
  readonly name: string | null;
  readonly peer: string | null;
  readonly members: readonly string[];
  readonly head: number;
  readonly last: Message | undefined;
  readonly reads: ReadonlyMap<string, number>;
  readonly typing: ReadonlySet<string>;
  readonly timeline: Timeline;
  /** Where the person stood when opening the conversation, if there was something new; what follows is marked. */
  readonly newAfter: number;
  readonly createdAt: number;
}

/** Whoever spoke last has read what was said before; what the service says, or was recalled, is nothing to read (READ-4). */
export function unreadOf({ head, reads, last, timeline }: ConversationState, me: string): number {
  if (last?.from === me) return 0;
  const position = reads.get(me) ?? 0;
  const known = timeline.messages.length === 0 && last !== undefined ? [last] : timeline.messages;
  const isNothing = ({ seq, from, kind, recalled }: Message) =>
    seq > position && (from === me || kind === 'sys' || recalled === true);
  return Math.max(0, head - position - known.filter(isNothing).length);
}

/** The most recent activity first. */
export function inOrder(conversations: ReadonlyMap<string, ConversationState>): readonly ConversationState[] {
  const activity = ({ last, createdAt }: ConversationState) => last?.at ?? createdAt;
  return [...conversations.values()].sort((a, b) => activity(b) - activity(a));
}

export function nameOf({ names }: Pick<ChatState, 'names'>, user: string): string {
  return names.get(user) ?? '…';
}

/** A conversation without a name is called after those in it. */
export function titleOf(state: Pick<ChatState, 'names'>, conversation: ConversationState, me: string): string {
  if (conversation.name !== null) return conversation.name;
  if (conversation.peer !== null) return nameOf(state, conversation.peer);
  const others = conversation.members.filter((user) => user !== me);
  return others.length === 0 ? '…' : others.map((user) => nameOf(state, user)).join(', ');
}

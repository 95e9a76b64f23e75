import type { ConnectionStatus, ConversationInfo } from '@messagecore/sdk';
import type { Message } from '@messagecore/protocol';
import type { Invitation, UserGroup } from '@messagecore/protocol/features';
import type { Emojis } from './emojis.ts';
import { isMentioned } from './mentions.ts';
import type { OpenThread } from './open-thread.ts';
import type { OwnReactions } from './reactions.ts';
import { NO_REMINDERS, type Reminders } from './reminders.ts';
import { NO_THREADS, type Threads } from './threads.ts';
import { type Aim, applyUpdate, EMPTY, type Timeline } from './timeline.ts';

/** Everything that the page shows, as one value that is replaced and never changed. */
export interface ChatState {
  readonly connection: ConnectionStatus;
  /** Once online, a lost connection is a *re*connect. */
  readonly wasOnline: boolean;
  readonly unsent: number;
  readonly conversations: ReadonlyMap<string, ConversationState>;
  readonly listed: boolean;
  readonly open: string | undefined;
  /** The thread beside the conversation that is open. */
  readonly thread: OpenThread | undefined;
  readonly ownReactions: OwnReactions;
  /** What the person has voted for in polls, by `cid` and `seq`. */
  readonly ownVotes: ReadonlyMap<string, readonly string[]>;
  /** What the person is called; undefined before it is known. */
  readonly myName: string | undefined;
  /** Whether the person is an admin of the tenant, or its owner. */
  readonly isTenantAdmin: boolean;
  /** Open invitations to conversations. */
  readonly invitations: readonly Invitation[];
  /** What the person has begun to write, by conversation. */
  readonly drafts: ReadonlyMap<string, Draft>;
  readonly reminders: Reminders;
  /** The tenant's own. */
  readonly emojis: Emojis;
  /** Whether users are there, of those whom the page shows. */
  readonly presence: ReadonlyMap<string, Presence>;
  /** Groups that messages may mention. */
  readonly groups: readonly UserGroup[];
  /** Display names by id, of users and of groups. */
  readonly names: ReadonlyMap<string, string>;
}

/** Of a page that has just come. */
export const firstState = (connection: ConnectionStatus, myName: string | undefined): ChatState => ({
  ...{ connection, wasOnline: false, unsent: 0, conversations: new Map(), listed: false },
  ...{ open: undefined, thread: undefined, myName, isTenantAdmin: false, invitations: [] },
  ...{ ownReactions: new Map(), ownVotes: new Map(), drafts: new Map(), presence: new Map(), names: new Map() },
  ...{ reminders: NO_REMINDERS, emojis: new Map(), groups: [] },
});

/** `text` is empty where nothing was begun, or all of it was deleted. */
export interface Draft {
  readonly text: string;
  readonly replyTo: number | undefined;
  readonly version: number;
}

export interface Presence {
  readonly state: 'online' | 'away' | 'busy' | 'offline';
  readonly lastSeen?: number;
}

export interface ConversationState {
  readonly cid: string;
  /** As the server told it last; what moves with each message is beside it. */
  readonly info: ConversationInfo;
  readonly members: readonly string[];
  readonly head: number;
  readonly last: Message | undefined;
  readonly reads: ReadonlyMap<string, number>;
  /** The person's messages up to this one have come to everybody, as far as the page has asked. */
  readonly deliveredUpTo: number;
  readonly typing: ReadonlySet<string>;
  /** The newest messages. */
  readonly timeline: Timeline;
  /** Older ones, around one that was asked for; shown instead of the newest until they meet them. */
  readonly excerpt: Timeline | undefined;
  readonly aim: Aim | undefined;
  /** Messages that others quote and that are not among those; null for one that is not there any more. */
  readonly quoted: ReadonlyMap<number, Message | null>;
  readonly threads: Threads;
  /** Where the person stood when opening the conversation, if there was something new; what follows is marked. */
  readonly newAfter: number;
  /** How many messages were new then. */
  readonly newCount: number;
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

/** How many of the unread messages mention the person: as it was listed, and on by what is held. */
export function mentionsOf(
  { info, reads, timeline }: ConversationState,
  me: string,
  groups: ChatState['groups'],
): number {
  const position = reads.get(me) ?? 0;
  const isListed = position === (info.readPos ?? 0);
  const counted = isListed ? info.head : position;
  const news = timeline.messages.filter(
    (message) => message.seq > Math.max(counted, position) && isMentioned(message, me, groups),
  );
  return (isListed ? (info.mentions ?? 0) : 0) + news.length;
}

/** Pinned ones first, then the most recent activity. */
export function inOrder(conversations: ReadonlyMap<string, ConversationState>): readonly ConversationState[] {
  const activity = ({ last, info }: ConversationState) => last?.at ?? info.createdAt;
  const pinned = ({ info }: ConversationState) => Number(info.settings?.pinned === true);
  return [...conversations.values()].sort((a, b) => pinned(b) - pinned(a) || activity(b) - activity(a));
}

export function nameOf({ names }: Pick<ChatState, 'names'>, user: string): string {
  return names.get(user) ?? '…';
}

/** A conversation without a name is called after those in it. */
export function titleOf(state: Pick<ChatState, 'names'>, conversation: ConversationState, me: string): string {
  const { name, peer } = conversation.info;
  if (name !== null) return name;
  if (peer !== null) return nameOf(state, peer);
  const others = conversation.members.filter((user) => user !== me);
  return others.length === 0 ? '…' : others.map((user) => nameOf(state, user)).join(', ');
}

/** A message in its new state, wherever it is held. */
export function withUpdate(
  { timeline, excerpt, quoted, last }: ConversationState,
  message: Message,
): Pick<ConversationState, 'timeline' | 'excerpt' | 'quoted' | 'last'> {
  return {
    quoted: quoted.has(message.seq) ? withQuoted(quoted, message) : quoted,
    timeline: applyUpdate(timeline, message),
    excerpt: excerpt === undefined ? undefined : applyUpdate(excerpt, message),
    last: last?.seq === message.seq ? newer(last, message) : last,
  };
}

/** A message for quotes of it to show, unless a newer state of it came before. */
export function withQuoted(quoted: ConversationState['quoted'], message: Message): ConversationState['quoted'] {
  return new Map(quoted).set(message.seq, newer(quoted.get(message.seq) ?? undefined, message));
}

/** Without what was held of a conversation whose history the server has replaced, up to `head`; what is on its way there stays. */
export function withoutHistory(state: ChatState, cid: string, head: number): Partial<ChatState> {
  const known = state.conversations.get(cid);
  if (known === undefined) return {};
  const held = {
    ...{ excerpt: undefined, aim: undefined, quoted: new Map(), deliveredUpTo: 0, threads: NO_THREADS },
    timeline: { ...EMPTY, pending: known.timeline.pending },
    ...{ newAfter: Infinity, newCount: 0 },
    reads: new Map([...known.reads].map(([user, pos]) => [user, Math.min(pos, head)])),
  };
  const ofOthers = <Value>(own: ReadonlyMap<string, Value>) =>
    new Map([...own].filter(([key]) => !key.startsWith(`${cid} `)));
  return {
    conversations: new Map(state.conversations).set(cid, { ...known, ...held }),
    ownReactions: ofOthers(state.ownReactions),
    ownVotes: ofOthers(state.ownVotes),
  };
}

/** Of two states of one message, in whichever order they came, the later one. */
const newer = (known: Message | undefined, message: Message): Message =>
  known !== undefined && known.rev > message.rev ? known : message;

/** A message that the page holds, of the newest or of the excerpt. */
export function heldIn({ timeline, excerpt }: ConversationState, seq: number): Message | undefined {
  return [timeline, excerpt].flatMap((each) => each?.messages ?? []).find((message) => message.seq === seq);
}

/** Some have read on. Whoever does so takes the mark away that a conversation is unread (SET-5). */
export function withPositions(
  { reads, info }: ConversationState,
  news: readonly (readonly [user: string, pos: number])[],
  me: string,
): Pick<ConversationState, 'reads' | 'info'> {
  const moved = withReads(reads, news);
  const { settings } = info;
  const isRead = settings?.markedUnread === true && moved.get(me) !== reads.get(me);
  return { reads: moved, info: isRead ? { ...info, settings: { ...settings, markedUnread: false } } : info };
}

/** Positions only move forward. */
function withReads(
  known: ReadonlyMap<string, number>,
  news: readonly (readonly [user: string, pos: number])[],
): ReadonlyMap<string, number> {
  const moved = news.filter(([user, pos]) => pos > (known.get(user) ?? -1));
  return moved.length === 0 ? known : new Map([...known, ...moved]);
}

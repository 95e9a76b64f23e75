/**
 * Applies an edit, recall, reaction, pin or vote to a message (REV-7, REV-8, MSG-3, MSG-4). Pure: takes the state before and
 * returns the state after, or undefined when nothing changes; throws a ChatError when it is not allowed.
 */
import { ChatError, LIMITS } from '@messagecore/protocol';
import { type RpcItem } from '@messagecore/protocol/bus';
import { checkMay, may, type Situation } from '../permissions/permissions.ts';
import { canonicalBody, originOf, type TenantKinds } from './bodies.ts';
import type { Expiry, ReadByAll } from './expiry-changes.ts';
import { pollClosed, type PollMessage, voted } from './poll-changes.ts';
import { type PreviewedMessage, previewsAfterEdit, type PreviewsFound, withoutPreviews } from './preview-changes.ts';
import { withoutContent } from './without-content.ts';

/** What users ask for, and what the service does itself. */
export type Change = AskedChange | OwnChange;

export type AskedChange = RpcItem<'change'>['change'];
export type OwnChange = PreviewsFound | Expiry | ReadByAll;

export interface MessageState extends PollMessage, PreviewedMessage {
  readonly at: number;
  readonly edited: boolean;
  /** JSON: how many users reacted, by emoji. */
  readonly reactions: string | null;
  readonly pinned: boolean;
}

export interface ChangeContext extends Situation {
  readonly uid: string;
  /** The server's time, milliseconds. */
  readonly now: number;
  /** How long after sending one may edit; for ever when absent. */
  readonly editWindowMs: number | undefined;
  /** The same for recalling one's own. */
  readonly recallWindowMs: number | undefined;
  /** Whether the user has set this very reaction. */
  readonly reacted: boolean;
  /** Messages of the conversation that are pinned; looked at when one more is to be. */
  readonly pins: number;
  /** The kinds that the tenant has defined; looked at when a message of one is edited. */
  readonly kinds?: TenantKinds | undefined;
  /** What the user has voted for in this very poll. */
  readonly vote: readonly string[];
}

const ACTIONS = { edit: 'editOwn', react: 'react', pin: 'pin', vote: 'vote' } as const;

/** Throws `forbidden`, `muted`, `conflict`, `edit_window_over`, `too_large`, and what `canonicalBody` throws. */
export function changed<M extends MessageState>(message: M, change: AskedChange, who: ChangeContext): M | undefined {
  if (change.t === 'recall') return recalled(message, who);
  if (change.t === 'closePoll') return pollClosed(message, who);
  if (change.t === 'hidePreviews') return withoutPreviews(message, who);
  checkMay(ACTIONS[change.t], who);
  if (message.recalled) throw new ChatError('conflict', 'the message was recalled');
  if (change.t === 'edit') return edited(message, change.body, who);
  if (change.t === 'vote') return voted(message, change.options, who);
  return change.t === 'pin' ? pinned(message, change.on, who) : reacted(message, change, who);
}

function edited<M extends MessageState>(message: M, content: object, who: ChangeContext): M | undefined {
  if (message.kind === 'sys' || message.from !== who.uid) throw new ChatError('forbidden', 'only its sender edits it');
  const { editWindowMs = Infinity } = who;
  if (originOf(message.body) !== undefined) throw new ChatError('forbidden', 'a forwarded message stays as it is');
  if (who.now - message.at > editWindowMs) throw new ChatError('edit_window_over');
  const body = canonicalBody(message.kind, content, who.kinds);
  if (body === message.body) return undefined;
  if (message.poll !== null) throw new ChatError('conflict', 'somebody has voted, or the poll is closed');
  return { ...message, body, edited: true, previews: previewsAfterEdit(message, body) };
}

function recalled<M extends MessageState>(message: M, who: ChangeContext): M | undefined {
  checkMay(message.from === who.uid ? 'recallOwn' : 'recall', who);
  if (message.kind === 'sys') throw new ChatError('forbidden', 'a message of the service stays');
  if (message.recalled) return undefined;
  const { recallWindowMs = Infinity } = who;
  if (who.now - message.at > recallWindowMs && !may('recall', who)) {
    throw new ChatError('forbidden', 'the time for recalling is over');
  }
  return withoutContent(message);
}

function pinned<M extends MessageState>(message: M, on: boolean, { pins }: ChangeContext): M | undefined {
  if (message.kind === 'sys') throw new ChatError('forbidden', 'a message of the service is not pinned');
  if (on === message.pinned) return undefined;
  if (on && pins >= LIMITS.pinsPerConversation) {
    throw new ChatError('too_large', `more than ${LIMITS.pinsPerConversation} pinned messages`);
  }
  return { ...message, pinned: on };
}

/** The emoji comes in its one spelling (reactions.ts). */
function reacted<M extends MessageState>(
  message: M,
  { emoji, on }: Change & { t: 'react' },
  who: ChangeContext,
): M | undefined {
  if (on === who.reacted) return undefined;
  const counts = new Map(Object.entries(JSON.parse(message.reactions ?? '{}') as Record<string, number>));
  const count = (counts.get(emoji) ?? 0) + (on ? 1 : -1);
  if (count > 0) counts.set(emoji, count);
  else counts.delete(emoji);
  if (on && counts.size > LIMITS.emojisPerMessage) {
    throw new ChatError('too_large', `more than ${LIMITS.emojisPerMessage} different reactions`);
  }
  return { ...message, reactions: counts.size === 0 ? null : JSON.stringify(Object.fromEntries(counts)) };
}

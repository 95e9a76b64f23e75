/** What `event` frames tell of a user’s own things, as plain types; held equal to the schemas like those of wire.ts. */
import type { ErrorCode, MessageBody } from './wire.ts';
import type { ConversationSettings } from './conversation-info.ts';

/** What has been begun on any device; without `body` it was deleted. */
export interface Draft {
  cid: string;
  body: MessageBody | null;
  replyTo: number | null;
  version: number;
  at: number;
}

/** What somebody did with a card: pressed a button, or gave a select or input a value. */
export interface CardAction {
  actionId: string;
  cid: string;
  seq: number;
  from: string;
  action: string;
  value: string | null;
  inputs: Record<string, string>;
  state: 'waiting' | 'ok' | 'error' | 'timeout';
  text: string | null;
  at: number;
  until: number;
}

/** A message that is sent at a later time; `failed` with its `error`, `sent` with the `seq` that it has then. */
export interface ScheduledMessage {
  cid: string;
  mid: string;
  kind: string;
  body: MessageBody;
  replyTo?: number | undefined;
  threadRoot?: number | undefined;
  at: number;
  state: 'waiting' | 'sending' | 'failed' | 'sent' | 'removed';
  error: ErrorCode | null;
  seq: number | null;
}

/** Of a message, or of a note alone. */
export interface ReminderState {
  reminderId: string;
  at: number;
  cid: string | null;
  seq: number | null;
  note: string | null;
  state: 'waiting' | 'due' | 'removed';
}

/** What a user has chosen to show of their presence; `online` is what the devices say. */
export interface OwnPresence {
  choice: 'online' | 'away' | 'busy' | 'invisible';
  showsLastSeen: boolean;
}

/** `data` of the `event` frames, by name. */
export interface UserEvents {
  'conversation.settings': ConversationSettings;
  'conversation.draft': Draft;
  'conversation.thread': { cid: string; seq: number; following: boolean; readUpTo: number };
  /** Of one's own card, to be answered by `cards.answer` before `until`. */
  'card.action': CardAction;
  /** What one did with a card: `state` says what became of it. */
  'card.answered': CardAction;
  /** Without `at` it was removed. */
  'conversation.bookmark': { cid: string; seq: number; note: string | null; at: number | null };
  'scheduled.changed': ScheduledMessage;
  'reminders.changed': ReminderState;
  /** What others see of the user, chosen in another session. */
  'presence.own': OwnPresence;
  /** Of a user who is watched: what is shown of them is read anew. */
  'profile.changed': { userId: string };
  /** Of the tenant: who shows its own emojis, or its groups of users, lists them anew. */
  'emojis.changed': Record<string, never>;
  'userGroups.changed': Record<string, never>;
}

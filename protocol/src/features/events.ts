/** Events that product areas send to the sessions of a user as `event` frames, each defined once: SPEC.md, AsyncAPI, SDK. */
import { z } from 'zod';
import { Cid, UserId } from '../wire/ids.ts';
import { EventDown } from '../wire/down.ts';
import { CardAction } from './cards.ts';
import { ConversationSettings } from './conversations.ts';
import { BookmarkState } from './bookmarks.ts';
import { Draft } from './drafts.ts';
import { ReminderState } from './reminders.ts';
import { ScheduledMessage } from './scheduled.ts';
import { OwnPresence } from './presence.ts';
import { ThreadState } from './threads.ts';

interface EventDefinition {
  readonly summary: string;
  readonly data: z.ZodObject;
}

/** Those whose names begin with `conversation.` are about one, which the frame names. */
export const EVENTS = {
  'conversation.settings': {
    summary: 'the user has changed the settings of this conversation in another session',
    data: ConversationSettings,
  },
  'conversation.thread': {
    summary: 'the user follows a thread or no more, or has read it, in another session',
    data: ThreadState,
  },
  'conversation.draft': { summary: 'the user has changed or deleted a draft in another session', data: Draft },
  'card.action': {
    summary: 'somebody did something with a card of the user’s, which the user is to answer before `until`',
    data: CardAction,
  },
  'card.answered': {
    summary: 'what the user did with a card was answered, or nobody did in time: `state` says it',
    data: CardAction,
  },
  'conversation.bookmark': {
    summary: 'the user has made, changed or removed a bookmark in another session',
    data: BookmarkState,
  },
  'scheduled.changed': {
    summary:
      'a scheduled message of the user was made, changed or removed in another session, was sent, or could not be',
    data: ScheduledMessage,
  },
  'reminders.changed': {
    summary: 'a reminder of the user is due, or was made, changed or removed in another session',
    data: ReminderState,
  },
  'presence.own': {
    summary: 'the user has chosen in another session what others see of their presence',
    data: OwnPresence,
  },
  'profile.changed': {
    summary:
      'the name or the profile of a user whom this session watches has changed: it is read anew where it is shown',
    data: z.object({ userId: UserId }),
  },
  'emojis.changed': {
    summary: 'the tenant’s own emojis have changed: who shows them lists them anew',
    data: z.object({}),
  },
  'userGroups.changed': {
    summary: 'the tenant’s groups, or who belongs to them, have changed: who shows them lists them anew',
    data: z.object({}),
  },
} as const satisfies Readonly<Record<string, EventDefinition>>;

export type EventFrame = {
  [N in keyof typeof EVENTS]: {
    readonly t: 'event';
    readonly event: N;
    readonly data: z.infer<(typeof EVENTS)[N]['data']>;
  } & (N extends `conversation.${string}` ? { readonly cid: string } : unknown);
}[keyof typeof EVENTS];

/** The frame of one event, more exactly than `EventDown`. */
export function eventFrameOf(event: keyof typeof EVENTS): z.ZodObject {
  const frame = EventDown.extend({ event: z.literal(event), data: EVENTS[event].data });
  return event.startsWith('conversation.') ? frame.extend({ cid: Cid }) : frame;
}

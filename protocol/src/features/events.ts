/** Events that product areas send to the sessions of a user as `event` frames, each defined once: SPEC.md, AsyncAPI, SDK. */
import { z } from 'zod';
import { Cid } from '../wire/ids.ts';
import { EventDown } from '../wire/down.ts';
import { ConversationSettings } from './conversations.ts';
import { Draft } from './drafts.ts';

interface EventDefinition {
  readonly summary: string;
  readonly data: z.ZodObject;
}

/** All are about a conversation, which the frame names. */
export const EVENTS = {
  'conversation.settings': {
    summary: 'the user has changed the settings of this conversation in another session',
    data: ConversationSettings,
  },
  'conversation.draft': { summary: 'the user has changed or deleted a draft in another session', data: Draft },
} as const satisfies Readonly<Record<string, EventDefinition>>;

export type EventFrame = {
  [N in keyof typeof EVENTS]: {
    readonly t: 'event';
    readonly event: N;
    readonly cid: string;
    readonly data: z.infer<(typeof EVENTS)[N]['data']>;
  };
}[keyof typeof EVENTS];

/** The frame of one event, more exactly than `EventDown`. */
export function eventFrameOf(event: keyof typeof EVENTS): z.ZodObject {
  return EventDown.extend({ event: z.literal(event), cid: Cid, data: EVENTS[event].data });
}

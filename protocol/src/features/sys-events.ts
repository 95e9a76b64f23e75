/** What the service itself says in a conversation: the bodies of `sys` messages, which clients word in their own language. */
import { z } from 'zod';
import { UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { HistoryVisibility, Posting, Role } from './conversations.ts';

const about = { users: z.array(UserId).min(1).max(LIMITS.participantsPerCall) };
const successor = { ...about, owner: UserId.optional() };
/** Everything of the change that caused it. */
const changed = {
  name: z.string().nullable().optional(),
  topic: z.string().nullable().optional(),
  history: HistoryVisibility.optional(),
  posting: Posting.optional(),
  slowSeconds: z.int().min(0).optional(),
  openToListeners: z.boolean().optional(),
};

interface SysEventDefinition {
  readonly summary: string;
  /** What the body has beside `event`, and `by`, which is `service` where the tenant's back end acted for nobody. */
  readonly data: Readonly<Record<string, z.ZodType>>;
}

export const SYS_EVENTS = {
  added: {
    summary: '`from` has added `users`, as `role` unless as members',
    data: { ...about, role: Role.optional() },
  },
  joined: {
    summary: '`users` have come by themselves, `invitedBy` somebody',
    data: { ...about, invitedBy: UserId.optional() },
  },
  left: { summary: '`users` have left; `owner` owns it now', data: successor },
  removed: { summary: '`from` has removed `users`; `owner` owns it now', data: successor },
  banned: { summary: '`from` has banned `users`, who took part; `owner` owns it now', data: successor },
  role: { summary: '`from` has given `users` the `role`', data: { ...about, role: Role } },
  muted: { summary: '`from` has muted `users`', data: about },
  unmuted: { summary: '`from` has ended the mute of `users`', data: about },
  archived: { summary: 'the conversation was archived', data: changed },
  unarchived: { summary: 'the conversation was brought back', data: changed },
  renamed: { summary: 'it has another `name`', data: changed },
  topic: { summary: 'it has another `topic`', data: changed },
  history: { summary: 'newcomers see `history`', data: changed },
  posting: { summary: '`posting` says who posts, `slowSeconds` how often', data: changed },
  listeners: { summary: '`openToListeners` says whether others listen', data: changed },
  changed: { summary: 'its avatar or metadata were changed', data: changed },
} as const satisfies Readonly<Record<string, SysEventDefinition>>;

export type SysEvent = keyof typeof SYS_EVENTS;

/** The whole body of an event, exactly. */
export function sysBodyOf(event: SysEvent): z.ZodObject {
  return z.strictObject({ event: z.literal(event), by: z.literal('service').optional(), ...SYS_EVENTS[event].data });
}

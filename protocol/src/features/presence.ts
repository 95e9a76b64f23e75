/** Who is there, what of it a user lets others see, and who of a conversation is. */
import { z } from 'zod';
import { Millis, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { PresenceState } from '../wire/down.ts';
import { numeral } from '../wire/numeral.ts';
import { PageQuery, UserRef } from './common.ts';

const listed = z.array(UserRef).min(1).max(LIMITS.presenceUsers);
/** In the query of a request `users` is there for each; one alone comes as a text. */
export const PresenceQuery = z.object({
  users: z.preprocess((value) => (typeof value === 'string' ? [value] : value), listed),
});
export type PresenceQuery = z.infer<typeof PresenceQuery>;

/** `lastSeen` is null while the user is there, where it is not known, and where the user does not show it. */
export const Presence = z
  .object({ userId: UserId, state: PresenceState, lastSeen: Millis.nullable() })
  .meta({ id: 'Presence' });
export type Presence = z.infer<typeof Presence>;

export const Presences = z.object({ items: z.array(Presence) }).meta({ id: 'Presences' });
export type Presences = z.infer<typeof Presences>;

/** `online`: as the user's devices say. */
export const PresenceChoice = z.enum(['online', 'away', 'busy', 'invisible']).meta({ id: 'PresenceChoice' });
export type PresenceChoice = z.infer<typeof PresenceChoice>;

/** What a user has chosen, for all devices. */
export const OwnPresence = z.object({ choice: PresenceChoice, showsLastSeen: z.boolean() }).meta({ id: 'OwnPresence' });
export type OwnPresence = z.infer<typeof OwnPresence>;

/** What is left out stays. */
export const SetPresence = z
  .object({ choice: PresenceChoice.optional(), showsLastSeen: z.boolean().optional() })
  .refine(({ choice, showsLastSeen }) => choice !== undefined || showsLastSeen !== undefined, {
    message: 'needs choice or showsLastSeen',
  })
  .meta({ id: 'SetPresence' });
export type SetPresence = z.infer<typeof SetPresence>;

export const OnlineQuery = PageQuery.extend({ limit: numeral(z.int().min(1).max(LIMITS.presenceUsers)).default(50) });
export type OnlineQuery = z.infer<typeof OnlineQuery>;

/** A page of those who are there, by id. It may have less than `limit`, or none, before the last one. */
export const OnlinePage = z
  .object({
    items: z.array(Presence),
    next: z.string().nullable(),
    count: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'How many there are in all; null where they are not counted' }),
  })
  .meta({ id: 'OnlinePage' });
export type OnlinePage = z.infer<typeof OnlinePage>;

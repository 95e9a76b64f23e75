/** What holds for the whole platform and is changed while it runs. */
import { z } from 'zod';
import { line } from './names.ts';
import { Cid, Millis, TenantId, UserId } from '../wire/ids.ts';

const Maintenance = z.object({
  on: z.boolean().meta({ description: 'Refuses whatever changes anything, to everybody but the operator' }),
  message: line(500).nullable().meta({ description: 'What callers are told' }),
  until: Millis.nullable().meta({ description: 'When it is expected to end; it ends when it is switched off' }),
});

const Switches = z
  .record(z.string().max(64), z.boolean())
  .meta({ description: 'Product areas by name; one that is off answers nothing' });

/** Watches at once, and the longest that one may last. */
export const WATCHES = { most: 16, forMs: 3_600_000 };

const Watch = z
  .object({
    tenantId: TenantId,
    conversationId: Cid.optional(),
    userId: UserId.optional(),
    until: Millis.meta({ description: 'When it ends by itself: within an hour' }),
  })
  .refine(({ conversationId, userId }) => (conversationId === undefined) !== (userId === undefined), {
    message: 'names a conversation or a user, one of them',
  });
const Watched = z.array(Watch).max(WATCHES.most).meta({
  description: 'Conversations and users that are logged and traced in full; the list is replaced as a whole',
});

const Changed = z.record(z.string().max(64), z.string().max(2_000)).meta({
  description:
    'Settings of services that were changed while these run, by their name, as the environment would say them; all others are as each process was started',
});

export const System = z
  .object({
    version: z.string(),
    protocol: z.int().min(1),
    maintenance: Maintenance,
    features: Switches,
    watches: Watched,
    settings: Changed,
    changedAt: Millis.nullable(),
  })
  .meta({ id: 'System' });
export type System = z.infer<typeof System>;

/** What is left out stays as it is. */
export const ChangeSystem = z
  .object({
    maintenance: Maintenance.partial().optional(),
    features: Switches.refine((switches) => Object.keys(switches).length <= 100, {
      message: 'names more than 100',
    }).optional(),
    watches: Watched.optional(),
    settings: z
      .record(z.string().max(64), z.string().max(2_000).nullable())
      .refine((changes) => Object.keys(changes).length <= 100, { message: 'names more than 100' })
      .meta({
        description:
          'Some of `LOG_LEVEL`, `LOG_SUCCESS_RATIO`, `LIMITS`, `RATES`, `MAX_PENDING`, `MAX_PENDING_PER_IP`, `MAX_SESSIONS_PER_USER`; null is as at the start again',
      })
      .optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
  .meta({ id: 'ChangeSystem' });
export type ChangeSystem = z.infer<typeof ChangeSystem>;

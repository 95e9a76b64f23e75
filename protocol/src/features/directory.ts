/** `/v1/directory` and `/v1/default-channels`. */
import { z } from 'zod';
import { Cid, Millis, storable } from '../wire/ids.ts';
import { PageQuery } from './common.ts';
import { ConversationCard } from './invitations.ts';
import { TenantParams } from './tenants.ts';

/** `q` finds a part of the name, whatever its case, accents and width. `members` puts the largest first. */
export const DirectoryQuery = PageQuery.extend({
  q: storable().min(1).max(100).optional(),
  order: z.enum(['name', 'members']).default('name'),
});
export type DirectoryQuery = z.infer<typeof DirectoryQuery>;

export const DirectoryChannel = z
  .object({
    cid: Cid,
    name: z.string().nullable(),
    topic: z.string().nullable(),
    avatar: z.string().nullable(),
    /** Up to `LIMITS.membersCounted`, which stands for that many or more; some seconds old. */
    members: z.int(),
    /** Whether the reader takes part; null for a back end that acts for nobody. */
    joined: z.boolean().nullable(),
    /** Whether it may be read without taking part (LSN-1). */
    openToListeners: z.boolean(),
  })
  .meta({ id: 'DirectoryChannel' });
export type DirectoryChannel = z.infer<typeof DirectoryChannel>;

export const DefaultChannel = z
  .object({ conversation: ConversationCard, addedAt: Millis })
  .meta({ id: 'DefaultChannel' });
export type DefaultChannel = z.infer<typeof DefaultChannel>;

/** Of the operator's paths. */
export const DefaultChannelParams = TenantParams.extend({ channel: Cid });

/** All of a tenant's: there are few. */
export const DefaultChannels = z.object({ items: z.array(DefaultChannel) }).meta({ id: 'DefaultChannels' });
export type DefaultChannels = z.infer<typeof DefaultChannels>;

/** Who has read a message, whom it has reached, and who has reacted. */
import { z } from 'zod';
import { Cid, Millis, Seq } from '../wire/ids.ts';
import { Emoji } from '../wire/message.ts';
import { PageQuery } from './common.ts';
import { Person } from './invitations.ts';

/** Whom to list: those who have read it, or those whom it has reached, on one of their devices. */
export const ReceiptsQuery = PageQuery.extend({ state: z.enum(['read', 'delivered']).default('read') });
export type ReceiptsQuery = z.infer<typeof ReceiptsQuery>;

/** Of one emoji, or of all. */
export const ReactionsQuery = PageQuery.extend({ emoji: Emoji.optional() });
export type ReactionsQuery = z.infer<typeof ReactionsQuery>;

export const Reaction = z.object({ user: Person, emoji: Emoji, at: Millis }).meta({ id: 'Reaction' });
export type Reaction = z.infer<typeof Reaction>;

/** `of`: the participants who may see the message, without its sender. Who has read it, it has reached. */
export const Receipts = z
  .object({
    cid: Cid,
    seq: Seq,
    of: z.int().min(0),
    delivered: z.int().min(0),
    read: z.int().min(0),
    items: z.array(Person),
    next: z.string().nullable(),
  })
  .meta({ id: 'Receipts' });
export type Receipts = z.infer<typeof Receipts>;

/** Who has read a message, and whom it has reached: told from positions, of which nothing is kept for each message. */
import { z } from 'zod';
import { Cid, Seq } from '../wire/ids.ts';
import { PageQuery } from './common.ts';
import { Person } from './invitations.ts';

/** Whom to list: those who have read it, or those whom it has reached, on one of their devices. */
export const ReceiptsQuery = PageQuery.extend({ state: z.enum(['read', 'delivered']).default('read') });
export type ReceiptsQuery = z.infer<typeof ReceiptsQuery>;

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

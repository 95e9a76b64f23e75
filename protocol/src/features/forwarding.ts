/** Messages that are sent on to another conversation. */
import { z } from 'zod';
import { Cid, ClientId, Mid, Millis, Seq, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { Sent } from './messages.ts';

const most = LIMITS.forwardedPerCall;

/** `mids[n]` is the `mid` of the message that `seqs[n]` becomes in the conversation `to`. */
export const ForwardMessages = z
  .object({
    seqs: z.array(Seq).min(1).max(most),
    to: Cid,
    mids: z.array(Mid).min(1).max(most),
    clientId: ClientId.default('rest'),
  })
  .refine(({ seqs, mids }) => seqs.length === mids.length, { path: ['mids'], message: 'one for each of seqs' })
  .refine(({ mids }) => new Set(mids).size === mids.length, { path: ['mids'], message: 'are the same twice' })
  .meta({ id: 'ForwardMessages' });
export type ForwardMessages = z.infer<typeof ForwardMessages>;

/** In the order of `seqs`. */
export const ForwardedMessages = z.object({ items: z.array(Sent) }).meta({ id: 'ForwardedMessages' });
export type ForwardedMessages = z.infer<typeof ForwardedMessages>;

/**
 * The field `forwarded` of a body, which the service alone sets: `cid` and `seq` name the message that was sent on, `from` and
 * `at` who wrote it and when, also where that one was forwarded itself.
 */
export const Forwarded = z.object({ cid: Cid, seq: Seq, from: UserId, at: Millis }).meta({ id: 'Forwarded' });
export type Forwarded = z.infer<typeof Forwarded>;

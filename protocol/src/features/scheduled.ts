/** Messages that are sent at a later time. */
import { z } from 'zod';
import { ErrorCode } from '../wire/errors.ts';
import { Cid, Mid, Millis, Seq } from '../wire/ids.ts';
import { Body } from '../wire/message.ts';
import { SendMessage } from './messages.ts';

/** Of a path that names a message by the id that the client has given it. */
export const MidParams = z.object({ cid: Cid, mid: Mid });

/** A send with the time at which it is to happen: `mid` is that of the message. */
export const ScheduleMessage = SendMessage.omit({ clientId: true })
  .extend({ at: Millis })
  .meta({ id: 'ScheduleMessage' });
export type ScheduleMessage = z.infer<typeof ScheduleMessage>;

export const UpdateScheduled = z
  .object({ at: Millis.optional(), body: Body.optional() })
  .refine(({ at, body }) => at !== undefined || body !== undefined, { message: 'at or body is needed' })
  .meta({ id: 'UpdateScheduled' });
export type UpdateScheduled = z.infer<typeof UpdateScheduled>;

/**
 * `failed` says why by `error`, and waits for a new time. Lists have these three alone: `sent`, with the `seq` of the message,
 * and `removed` are said once.
 */
export const ScheduledMessage = ScheduleMessage.extend({
  cid: Cid,
  state: z.enum(['waiting', 'sending', 'failed', 'sent', 'removed']),
  error: ErrorCode.nullable(),
  seq: Seq.nullable(),
}).meta({ id: 'ScheduledMessage' });
export type ScheduledMessage = z.infer<typeof ScheduledMessage>;

/** What a user has begun to write in a conversation, on any device. */
import { z } from 'zod';
import { Cid, Millis, Seq } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { Body } from '../wire/message.ts';
import { exceedsCodePoints, TOO_LARGE } from '../wire/text-length.ts';

/** As much as a message may hold. Its shape is checked when it is sent. */
const DraftBody = Body.refine(
  ({ text }) => typeof text !== 'string' || !exceedsCodePoints(text, LIMITS.textCodePoints),
  {
    message: `longer than ${LIMITS.textCodePoints} characters`,
    path: ['text'],
    params: { code: TOO_LARGE },
  },
);

/**
 * `version` orders what is written on several devices: only a higher one replaces a draft. Milliseconds of the writer's
 * clock, but more than the version that it has last seen; what is ahead of the server's clock is brought down to it. Without
 * one the draft is replaced. A body without text, or null, deletes the draft.
 */
export const SetDraft = z
  .object({ body: DraftBody.nullable(), replyTo: Seq.optional(), version: z.int().min(1).optional() })
  .meta({ id: 'SetDraft' });
export type SetDraft = z.infer<typeof SetDraft>;

/** `body` is null when the draft was deleted; `version` goes on rising over deletions. */
export const Draft = z
  .object({ cid: Cid, body: Body.nullable(), replyTo: Seq.nullable(), version: z.int().min(1), at: Millis })
  .meta({ id: 'Draft' });
export type Draft = z.infer<typeof Draft>;

/** Polls: what is asked, what became of it, and a vote. */
import { z } from 'zod';
import { Millis } from './ids.ts';
import { LIMITS } from './limits.ts';
import { wordsUpTo } from './words.ts';

/** Given by whoever asks; a key of the counts, so short that it is no name that decoders refuse (FRM-13). */
export const PollOptionId = z
  .string()
  .regex(/^[a-z0-9]{1,8}$/, 'must be 1 to 8 lower-case letters and digits')
  .meta({ id: 'PollOptionId' });

const PollOption = z.object({ id: PollOptionId, text: wordsUpTo(LIMITS.pollOptionCodePoints) });

const areDifferent = (ids: readonly string[]) => new Set(ids).size === ids.length;

/** With `multiple` one votes for several options, with `anonymous` nobody is told who voted; from `closesAt` on nobody votes. */
export const PollBody = z
  .object({
    question: wordsUpTo(LIMITS.pollQuestionCodePoints),
    options: z
      .array(PollOption)
      .min(2)
      .max(LIMITS.pollOptions)
      .refine((options) => areDifferent(options.map(({ id }) => id)), { message: 'two have the same id' }),
    multiple: z.boolean().optional(),
    anonymous: z.boolean().optional(),
    closesAt: Millis.optional(),
  })
  .meta({ id: 'PollBody' });
export type PollBody = z.infer<typeof PollBody>;

/** Votes by option, without those that have none, and by how many users. `closed` before its time, by hand. */
export const PollState = z
  .object({
    counts: z.record(z.string(), z.int().min(1)),
    voters: z.int().min(0),
    closed: z.boolean().optional(),
  })
  .meta({ id: 'PollState' });
export type PollState = z.infer<typeof PollState>;

/** Ids of options; none takes the vote back. */
export const Vote = z
  .array(PollOptionId)
  .max(LIMITS.pollOptions)
  .refine(areDifferent, { message: 'names an option twice' });

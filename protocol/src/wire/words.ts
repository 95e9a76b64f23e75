import { z } from 'zod';
import { exceedsCodePoints, TOO_LARGE } from './text-length.ts';

/** A text of one code point at least and so many at most; taken as it is. */
export const wordsUpTo = (limit: number) =>
  z
    .string()
    .min(1)
    .refine((value) => !exceedsCodePoints(value, limit), {
      message: `longer than ${limit} characters`,
      params: { code: TOO_LARGE },
    });

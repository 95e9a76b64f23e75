import { z } from 'zod';
import { ChatError, ERRORS } from './catalogue.ts';
import { TOO_LARGE } from './text-length.ts';

export type ErrorCode = keyof typeof ERRORS;

export const ErrorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]).meta({ id: 'ErrorCode' });

/** Whether a refusal is no fault of the caller's: something is broken, or cannot be reached. */
export const isFault = (code: ErrorCode): boolean => code === 'unavailable' || code === 'internal';

const marksTooLarge = (issue: z.core.$ZodIssue) => issue.code === 'custom' && issue.params?.['code'] === TOO_LARGE;

/** Of a name or of what is wrong with it, an answer repeats this much: names can be as long as a frame. */
const CLIPPED = 200;
const clip = (text: string) => (text.length <= CLIPPED ? text : `${text.slice(0, CLIPPED)}…`).toWellFormed();

/**
 * Turns zod's issues into a `bad_request` (or `bad_frame`) that names every wrong field; into `too_large` when nothing
 * but a documented size was exceeded. Its words are short, whatever the input was.
 */
export function invalid(
  error: { readonly issues: readonly z.core.$ZodIssue[] },
  code: ErrorCode = 'bad_request',
): ChatError {
  const errors = error.issues.slice(0, 20).map((issue) => ({
    path: clip(issue.path.map(String).join('.')),
    message: clip(issue.message),
  }));
  const detail = errors.map((e) => (e.path === '' ? e.message : `${e.path}: ${e.message}`)).join('; ');
  return new ChatError(error.issues.every(marksTooLarge) ? TOO_LARGE : code, detail, { errors });
}

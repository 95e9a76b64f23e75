/** Errors over REST: RFC 9457 problem details with a code of the catalogue. */
import { z } from 'zod';
import { type ChatError, ERRORS } from './catalogue.ts';
import { ErrorCode } from './errors.ts';

export const PROBLEM_JSON = 'application/problem+json';

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: ErrorCode,
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    retryAfterMs: z.int().min(0).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details; `errors` names every wrong field' });
export type Problem = z.infer<typeof Problem>;

/** The problem document of an error. `status` differs from the catalogue's only where HTTP has a narrower word. */
export function problemOf(error: ChatError, status: number = ERRORS[error.code].http): Problem {
  return {
    type: `urn:messagecore:error:${error.code}`,
    title: ERRORS[error.code].title,
    status,
    code: error.code,
    detail: error.message,
    ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}

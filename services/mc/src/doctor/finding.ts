import { messageOf } from '../output/errors.ts';

/** What the doctor says of one thing that it looked at. */
export interface Finding {
  /** What was looked at, as `PostgreSQL`. */
  readonly about: string;
  readonly state: 'well' | 'warning' | 'fault';
  /** Names the kind of trouble for programs, as `postgres-password`; none when all is well. */
  readonly id?: string;
  /** One sentence; never a secret. */
  readonly what: string;
  /** What to do about it. */
  readonly cure?: string;
}

export const well = (about: string, what: string): Finding => ({ about, state: 'well', what });

type Trouble = (about: string, id: string, what: string, cure: string) => Finding;

/** It works, and should be looked at. */
export const warning: Trouble = (about, id, what, cure) => ({ about, state: 'warning', id, what, cure });
/** Something does not work, or will not for long. */
export const fault: Trouble = (about, id, what, cure) => ({ about, state: 'fault', id, what, cure });
/** What the doctor does not know. */
export const notExamined = (about: string, error: unknown): Finding =>
  fault(about, 'not-examined', `could not be looked at: ${messageOf(error)}`, 'its own log may say more');

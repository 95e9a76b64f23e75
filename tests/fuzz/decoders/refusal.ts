import { ChatError, type ErrorCode } from '@messagecore/protocol';
import { hold } from '../target.ts';

const LONGEST = 10_000;

/** The code of an error that is as errors have to be: of the catalogue, one of those expected, and saying what is wrong. */
export function refusalOf(error: unknown, expected: readonly ErrorCode[]): string {
  if (!(error instanceof ChatError)) throw error;
  const { code, message, errors = [] } = error;
  hold(expected.includes(code), `${code} is none of ${expected.join(', ')}`);
  hold(message.trim() !== '' && message.isWellFormed(), 'an error that says nothing');
  hold(message.length < LONGEST, `${message.length} characters about what is wrong`);
  for (const { path, message: what } of errors) {
    hold(what !== '' && message.includes(what), `no word about ${path}`);
    hold(message.includes(path), `the message does not name ${path}`);
  }
  return code;
}

/** What an error says, for people and for comparing. */

/** The first of several messages in an error and its causes that says something. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? messageOf(error.cause ?? Reflect.get(error, 'code')) : error.message;
}

/** Whether PostgreSQL itself has said it. Codes of the system are letters alone, as `EPIPE`; those of SQL are of known classes. */
export const isFromServer = (error: unknown): boolean => SQLSTATE.test(codeOf(error));

const SQLSTATE = /^(\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;

/** The code of an error, or of what caused it. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code: unknown = Reflect.get(error, 'code');
  const deeper = error instanceof AggregateError ? error.errors[0] : error.cause;
  const inner = codeOf(deeper);
  return inner !== '' ? inner : typeof code === 'string' ? code : '';
}

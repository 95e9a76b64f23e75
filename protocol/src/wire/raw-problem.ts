/** Answers for where no HTTP library answers: to what is no request, and in place of an upgrade. */
import { ChatError, ERRORS } from './catalogue.ts';
import { PROBLEM_JSON, problemOf } from './problem.ts';
import { HEADERS, STATUS } from './status.ts';

/** The whole answer as text, head and all; it ends the connection. `reason` is the status in words. */
export function rawProblem(error: ChatError, reason: string, status: number = ERRORS[error.code].http): string {
  const body = JSON.stringify(problemOf(error, status));
  const { retryAfterMs } = error;
  return [
    `HTTP/1.1 ${status} ${reason}`,
    'connection: close',
    `content-type: ${PROBLEM_JSON}`,
    `content-length: ${new TextEncoder().encode(body).length}`,
    ...(retryAfterMs === undefined ? [] : [`${HEADERS.retryAfter}: ${Math.ceil(retryAfterMs / 1_000)}`]),
    '',
    body,
  ].join('\r\n');
}

/** The answer to bytes that are no request; `fault` is what Node's parser calls it. */
export function unreadProblem(fault: string | undefined): string {
  if (fault === 'HPE_HEADER_OVERFLOW') {
    return rawProblem(new ChatError('too_large', 'the head is too large'), 'Too Large', STATUS.headTooLarge);
  }
  if (fault === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return rawProblem(new ChatError('bad_request', 'no whole request in time'), 'Timeout', STATUS.requestTimeout);
  }
  return rawProblem(new ChatError('bad_request', 'not an HTTP request'), 'Bad Request');
}

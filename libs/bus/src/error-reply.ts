/** How a handler's error travels back to the requester: its code in a header, its detail as the payload. */
import { ChatError, ERRORS, type ErrorCode } from '@messagecore/protocol';
import { type Msg, type MsgHdrs, headers } from 'nats';

const CODE = 'Chat-Error';
const RETRY_AFTER = 'Chat-Retry-After-Ms';

export function errorReply(error: ChatError): { payload: string; headers: MsgHdrs } {
  const header = headers();
  header.set(CODE, error.code);
  if (error.retryAfterMs !== undefined) header.set(RETRY_AFTER, String(error.retryAfterMs));
  return { payload: error.message, headers: header };
}

/** The error that a reply carries; undefined for an ordinary reply. */
export function errorOf(reply: Msg): ChatError | undefined {
  const code = reply.headers?.get(CODE) ?? '';
  if (code === '') return undefined;
  const retryAfterMs = Number(reply.headers?.get(RETRY_AFTER));
  return new ChatError(isErrorCode(code) ? code : 'internal', reply.string(), retryAfterMs > 0 ? { retryAfterMs } : {});
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** What a refused token means for its session, and what a close is called. */
import { CLOSE, type CloseCode, type ErrorCode, ERRORS, LIMITS } from '@messagecore/protocol';
import type { RpcError } from '@messagecore/protocol/bus';
import type { SessionEvent } from './state.ts';

/** Advice to a user who has too many sessions. */
const CROWDED_RETRY_MS = 10_000;

/** The client has just shown the token. */
export function refusalEvent(code: ErrorCode): SessionEvent {
  if (code === 'unauthorized') return 'refused';
  return code === 'forbidden' || code === 'tenant_suspended' ? 'barred' : 'unverified';
}

/** The token was good before: the event that ends the session, as if it had come. Undefined when the answer decides nothing. */
export function endEvent(code: ErrorCode): SessionEvent | undefined {
  if (code === 'unauthorized') return 'revoked';
  if (code === 'forbidden') return 'deactivated';
  return code === 'tenant_suspended' ? 'suspended' : undefined;
}

/** One user has as many sessions as may be. */
export function tooManySessions(): RpcError {
  const msg = `more than ${LIMITS.sessionsPerUser} sessions`;
  return { error: 'rate_limited', msg, retryAfterMs: CROWDED_RETRY_MS };
}

export function closeCodeOf(code: ErrorCode): CloseCode {
  return ERRORS[code].close ?? CLOSE.tooFarBehind;
}

const CLOSE_NAMES = new Map(Object.entries(CLOSE).map(([name, code]) => [code, name]));

export function closeName(code: CloseCode): string {
  return CLOSE_NAMES.get(code) ?? '';
}

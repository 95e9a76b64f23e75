import type { Clock } from '@messagecore/kernel';
import { ChatError, isRpcError, LIMITS, type RpcError, type RpcItem, type RpcResult } from '@messagecore/protocol';

export interface AuthenticateDeps {
  readonly clock: Clock;
  readonly upstream: { open(item: RpcItem<'open'>): Promise<RpcResult<'open'> | RpcError> };
  readonly tenants: {
    heardSince(tid: string, time: number): boolean;
    listen(tid: string): Promise<void>;
  };
  /** Users who are to stay out for a moment. */
  readonly flooders?: { waitMs(userId: string): number };
}

/** Attempts to verify; the second one is needed when the tenant was not listened to before. */
const ATTEMPTS = 3;

/**
 * Verifies tokens with a chat-service: the gateway holds no secret. A good answer is believed only when the tenant's
 * events were listened to before the question was asked, so that no revocation falls between the two unheard. One that
 * is heard before the session is open does not find it: whoever opens it must ask `News` last of all.
 */
export function createAuthenticate({ clock, upstream, tenants, flooders }: AuthenticateDeps) {
  return async (jwt: string): Promise<RpcResult<'open'> | RpcError> => {
    // The same bound wherever the token was carried; a frame's schema has it too.
    if (jwt.length > LIMITS.tokenBytes) return { error: 'unauthorized', msg: 'the token is too long' };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const asked = clock.monotonic();
      const answer = await upstream.open({ jwt });
      if (isRpcError(answer)) return answer;
      const retryAfterMs = flooders?.waitMs(answer.uid) ?? 0;
      if (retryAfterMs > 0) return { error: 'rate_limited', msg: 'closed for flooding a moment ago', retryAfterMs };
      if (tenants.heardSince(answer.tid, asked)) return answer;
      try {
        await tenants.listen(answer.tid);
      } catch (error) {
        return unavailable(error);
      }
    }
    return unavailable(undefined);
  };
}

function unavailable(cause: unknown): RpcError {
  const { code, message, retryAfterMs } = cause instanceof ChatError ? cause : new ChatError('unavailable');
  return { error: code, msg: message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

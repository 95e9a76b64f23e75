import type { Clock } from '@messagecore/kernel';
import { ChatError, LIMITS } from '@messagecore/protocol';
import { isRpcError, type RpcError, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { accountNamedBy } from './claims.ts';

export interface AuthenticateDeps {
  readonly clock: Clock;
  readonly upstream: { open(item: RpcItem<'open'>): Promise<RpcResult<'open'> | RpcError> };
  /** What the bus says about users and tenants. */
  readonly accounts: {
    heardSince(tid: string, uid: string, time: number): boolean;
    acquire(tid: string, uid: string): Promise<void>;
    release(tid: string, uid: string): void;
  };
  /** Users who are to stay out for a moment. */
  readonly flooders?: { waitMs(userId: string): number };
}

interface Account {
  readonly tid: string;
  readonly uid: string;
}

/** Attempts to verify; the second one is needed when the token does not show whom it is of. */
const ATTEMPTS = 3;

/**
 * Verifies tokens with a chat-service: the gateway holds no secret. A good answer is believed only when the events of its
 * user and tenant were listened to before the question was asked, so that no revocation falls between the two unheard. Whom
 * the token names is read from it beforehand, unverified, so that one question is enough. What is heard before the session
 * is open does not find it: whoever opens it must ask `RevocationLog` last of all.
 */
export function createAuthenticate({ clock, upstream, accounts, flooders }: AuthenticateDeps) {
  async function verify(jwt: string, listen: (account: Account) => Promise<void>) {
    // The same bound wherever the token was carried; a frame's schema has it too.
    if (jwt.length > LIMITS.tokenBytes) return tooLong();
    const named = accountNamedBy(jwt);
    if (named !== undefined) await listen(named);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const asked = clock.monotonic();
      const answer = await upstream.open({ jwt });
      if (isRpcError(answer)) return answer;
      const retryAfterMs = flooders?.waitMs(answer.uid) ?? 0;
      if (retryAfterMs > 0) return floodedOut(retryAfterMs);
      if (accounts.heardSince(answer.tid, answer.uid, asked)) return answer;
      await listen(answer);
    }
    return unavailable(undefined);
  }

  return async (jwt: string): Promise<RpcResult<'open'> | RpcError> => {
    const held: Account[] = [];
    const listen = async ({ tid, uid }: Account) => {
      await accounts.acquire(tid, uid);
      held.push({ tid, uid });
    };
    try {
      return await verify(jwt, listen);
    } catch (error) {
      return unavailable(error);
    } finally {
      for (const { tid, uid } of held) accounts.release(tid, uid);
    }
  };
}

function tooLong(): RpcError {
  return { error: 'unauthorized', msg: 'the token is too long' };
}

function floodedOut(retryAfterMs: number): RpcError {
  return { error: 'rate_limited', msg: 'closed for flooding a moment ago', retryAfterMs };
}

function unavailable(cause: unknown): RpcError {
  const { code, message, retryAfterMs } = cause instanceof ChatError ? cause : new ChatError('unavailable');
  return { error: code, msg: message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

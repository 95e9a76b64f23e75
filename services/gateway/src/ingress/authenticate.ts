import type { Clock, Gathering } from '@messagecore/kernel';
import { ChatError, LIMITS } from '@messagecore/protocol';
import { isRpcError, type RpcError, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { unverifiedAccountOf } from './claims.ts';
import type { Openings } from './openings.ts';

export interface AuthenticateDeps {
  readonly clock: Clock;
  readonly upstream: { open(item: RpcItem<'open'>): Promise<RpcResult<'open'> | RpcError> };
  /** What the bus says about users and tenants. */
  readonly accounts: {
    completeSince(tid: string, uid: string, time: number): boolean;
    acquire(tid: string, uid: string): Promise<void>;
    release(tid: string, uid: string): void;
  };
  /** Users who were closed for flooding and have to wait. */
  readonly flooders?: { waitMs(userId: string): number };
  /** How often tokens of one user are verified. */
  readonly openings?: Pick<Openings, 'waitOfToken' | 'take'>;
  /** Those who come together are verified together. */
  readonly arrivals?: Pick<Gathering, 'turn'>;
}

interface Account {
  readonly tid: string;
  readonly uid: string;
}

/** Attempts to verify; the second one is needed when the token does not show whom it is of. */
const ATTEMPTS = 3;

/**
 * Verifies tokens with a chat-service: the gateway holds no secret. An answer is accepted only when the events of its
 * user and tenant were subscribed before the request, so that no revocation is missed in between. The user is read from
 * the unverified token first, so that usually one request is enough. An event that arrives before the session is open
 * does not find the session: whoever opens it must ask `RevocationLog` last of all.
 */
export function createAuthenticate({ clock, upstream, accounts, flooders, openings, arrivals }: AuthenticateDeps) {
  async function verify(item: RpcItem<'open'>, listen: (account: Account) => Promise<void>) {
    const { jwt } = item;
    // The same bound wherever the token was carried; a frame's schema has it too.
    if (jwt.length > LIMITS.tokenBytes) return tooLong();
    const waitMs = openings?.waitOfToken(jwt) ?? 0;
    if (waitMs > 0) return tooOften(waitMs);
    await arrivals?.turn();
    const named = unverifiedAccountOf(jwt);
    if (named !== undefined) await listen(named);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const asked = clock.monotonic();
      const answer = await upstream.open(item);
      if (isRpcError(answer)) return answer;
      const retryAfterMs = flooders?.waitMs(answer.uid) ?? 0;
      if (retryAfterMs > 0) return floodedOut(retryAfterMs);
      if (accounts.completeSince(answer.tid, answer.uid, asked)) {
        const again = openings?.take(jwt, answer.uid) ?? 0;
        return again > 0 ? tooOften(again) : answer;
      }
      await listen(answer);
    }
    return unavailable(undefined);
  }

  return async (jwt: string, unread = false): Promise<RpcResult<'open'> | RpcError> => {
    const held: Account[] = [];
    const listen = async ({ tid, uid }: Account) => {
      await accounts.acquire(tid, uid);
      held.push({ tid, uid });
    };
    try {
      return await verify({ jwt, ...(unread && { unread }) }, listen);
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

function tooOften(retryAfterMs: number): RpcError {
  return { error: 'rate_limited', msg: 'too many sessions opened', retryAfterMs };
}

function unavailable(cause: unknown): RpcError {
  const { code, message, retryAfterMs } = cause instanceof ChatError ? cause : new ChatError('unavailable');
  return { error: code, msg: message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

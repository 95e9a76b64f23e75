/** Users' tokens: made and checked here alone. What the token's user and tenant may do is another question. */
import type { JWT } from '@fastify/jwt';
import { ChatError, ClientId, LIMITS, TenantId, UserId } from '@messagecore/protocol';
import { z } from 'zod';
import type { Jwks } from './jwks.ts';

const Claims = z.object({
  sub: UserId,
  tid: TenantId,
  exp: z.number().positive(),
  iat: z.number().optional(),
  /** Milliseconds at which we made it: `iat` is too coarse to tell a new token of a device from one just revoked. */
  iatMs: z.number().optional(),
  dev: ClientId.optional(),
  roles: z.array(z.string()).optional(),
});
export type Claims = z.infer<typeof Claims>;

const Unverified = z.object({
  header: z.object({ alg: z.string(), kid: z.string().optional() }),
  payload: z.object({ tid: TenantId }),
});

export interface NewToken {
  readonly tid: string;
  readonly uid: string;
  readonly clientId: string | undefined;
  readonly ttlSeconds: number;
}

export interface TokensOptions {
  /** Signs and checks with the platform's secret (HS256); its decoder gives the header too. */
  readonly jwt: Pick<JWT, 'sign' | 'verify' | 'decode'>;
  readonly jwks: Jwks | undefined;
  /** The secret with which a tenant signs its own tokens, if it has one. */
  readonly tenantSecret: (tid: string) => Promise<string | undefined>;
}

export interface Tokens {
  /** Signed with the platform's secret. */
  mint(token: NewToken, nowMs: number): { token: string; expiresAt: number };
  /**
   * The claims of a token that was signed by the platform, by its tenant or by a key of the key set, and has not been
   * expired for longer than the leeway. Throws `unauthorized`, whatever is wrong; `unavailable` when that cannot be
   * known now.
   */
  verify(token: string): Promise<Claims>;
}

export function createTokens({ jwt, jwks, tenantSecret }: TokensOptions): Tokens {
  /** Asked only for tokens that the platform did not sign. */
  async function keyFor(token: string): Promise<{ key: string; algorithm: string }> {
    const { header, payload } = Unverified.parse(jwt.decode(token));
    if (header.alg === 'HS256') {
      const key = await tenantSecret(payload.tid);
      if (key !== undefined) return { key, algorithm: 'HS256' };
    } else {
      const found = await jwks?.find(header.kid);
      if (found?.algorithm === header.alg) return { key: found.pem, algorithm: found.algorithm };
    }
    throw new ChatError('unauthorized');
  }

  async function verified(token: string): Promise<unknown> {
    try {
      return jwt.verify(token);
    } catch (error) {
      if (isExpiry(error)) throw error;
      const { key, algorithm } = await keyFor(token);
      return jwt.verify(token, {
        key,
        algorithms: [algorithm as 'HS256'],
        clockTolerance: LIMITS.tokenLeewayMs,
      });
    }
  }

  return {
    mint({ tid, uid, clientId, ttlSeconds }, nowMs) {
      // Whole seconds, rounded up: the signer takes no others, and a token never lives shorter than asked.
      const exp = Math.ceil(nowMs / 1000 + ttlSeconds);
      const device = clientId === undefined ? {} : { dev: clientId };
      return { token: jwt.sign({ sub: uid, tid, iatMs: nowMs, exp, ...device }), expiresAt: exp * 1000 };
    },
    async verify(token) {
      try {
        return Claims.parse(await verified(token));
      } catch (cause) {
        if (cause instanceof ChatError) throw cause;
        throw new ChatError('unauthorized', undefined, { cause });
      }
    },
  };
}

function isExpiry(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FAST_JWT_EXPIRED';
}

/**
 * Mints and verifies users' tokens. Whether the token's user and tenant are active is checked elsewhere (identify.ts).
 */
import type { JWT } from '@fastify/jwt';
import { ChatError, ClientId, LIMITS, TenantId, UserId } from '@messagecore/protocol';
import { z } from 'zod';
import { KEY_SET_ALGORITHMS } from './jwk.ts';
import type { KeySets } from './key-sets.ts';
import type { SigningKeys } from './signing-keys.ts';

/** The last second of the year 9999, the last that every date library can write. */
const LAST_SECOND = 253_402_300_799;
/** RFC 7519 allows a fraction, and some libraries write one. */
const seconds = z.number().min(0).max(LAST_SECOND);

const Header = z.object({
  alg: z.enum(['HS256', ...KEY_SET_ALGORITHMS]),
  kid: z.string().max(1_024).optional(),
  /** Extensions that a verifier must understand (RFC 7515). None is supported, so a token with any is refused. */
  crit: z.undefined().optional(),
});

const ClaimsOfToken = z.object({
  sub: UserId,
  tid: TenantId,
  exp: seconds,
  iat: seconds.optional(),
  nbf: seconds.optional(),
  dev: ClientId.optional(),
  roles: z.array(z.string()).optional(),
  iss: z.unknown().optional(),
  aud: z.unknown().optional(),
  /** Of tokens that were minted here: milliseconds, and the number that `identify.ts` compares. */
  iatMs: z.number().optional(),
  gen: z.int().min(0).optional(),
});

export interface Claims extends Omit<z.infer<typeof ClaimsOfToken>, 'iss' | 'aud'> {
  /** Whether it was minted here: only then do `gen` and `iatMs` mean anything. */
  readonly minted: boolean;
}

export interface NewToken {
  readonly tid: string;
  readonly uid: string;
  readonly clientId: string | undefined;
  /** Of the device, or of the user when there is no device. */
  readonly generation: number;
  readonly ttlSeconds: number;
}

export interface TokensOptions {
  /** Signs and checks with the platform's secret (HS256); its decoder gives the header too. */
  readonly jwt: Pick<JWT, 'sign' | 'verify' | 'decode'>;
  readonly keySets: KeySets;
  /** Sign in place of the platform's secret, which still counts. */
  readonly signingKeys: SigningKeys;
  /** The secret with which a tenant signs its own tokens, if it has one. */
  readonly tenantSecret: (tid: string) => Promise<string | undefined>;
}

export interface Tokens {
  /** Signed with the first of the platform's keys, or with its secret when it has none. */
  mint(token: NewToken, nowMs: number): { token: string; expiresAt: number };
  /**
   * The claims of a token that was signed by the platform, by its tenant or by a trusted identity provider, and that is
   * valid now, within the leeway. Throws `unauthorized` whatever is wrong, `unavailable` when a key or secret cannot be
   * read now.
   */
  verify(token: string): Promise<Claims>;
}

interface Unverified {
  readonly header: z.infer<typeof Header>;
  readonly payload: z.infer<typeof ClaimsOfToken>;
}

export function createTokens({ jwt, keySets, signingKeys, tenantSecret }: TokensOptions): Tokens {
  function read(token: string): Unverified {
    if (token.length > LIMITS.tokenBytes) throw new ChatError('unauthorized');
    const { header, payload } = jwt.decode<{ header: unknown; payload: unknown }>(token) ?? {};
    return { header: Header.parse(header), payload: ClaimsOfToken.parse(payload) };
  }

  /** True for the platform's own signature, false for one of the tenant's secret. */
  async function checkSecrets(token: string, tid: string): Promise<boolean> {
    if (isSigned(() => jwt.verify(token))) return true;
    const key = await tenantSecret(tid);
    if (key === undefined) throw new ChatError('unauthorized');
    jwt.verify(token, { key, algorithms: ['HS256'], ...LEEWAY });
    return false;
  }

  /** True for the platform's own key, false for one of an identity provider. */
  async function checkKeys(token: string, { header, payload }: Unverified): Promise<boolean> {
    const { alg, kid } = header;
    if (alg === 'HS256') throw new ChatError('internal');
    const own = signingKeys.find((key) => key.kid === kid && key.alg === alg);
    if (own && isSigned(() => jwt.verify(token, { key: own.publicPem, algorithms: [alg], ...LEEWAY }))) return true;
    const { pem } = await keySets.keyFor({ alg, kid, ...payload });
    jwt.verify(token, { key: pem, algorithms: [alg], ...LEEWAY });
    return false;
  }

  return {
    mint({ tid, uid, clientId, generation, ttlSeconds }, nowMs) {
      // Whole seconds, rounded up: the signer takes no others, and a token never lives shorter than asked.
      const exp = Math.ceil(nowMs / 1000 + ttlSeconds);
      const device = clientId === undefined ? {} : { dev: clientId };
      const claims = { sub: uid, tid, iatMs: nowMs, gen: generation, exp, ...device };
      const [key] = signingKeys;
      const token = key
        ? jwt.sign(claims, { key: key.privatePem, algorithm: key.alg, kid: key.kid })
        : jwt.sign(claims);
      return { token, expiresAt: exp * 1000 };
    },
    async verify(token) {
      try {
        const unverified = read(token);
        const { header, payload } = unverified;
        const minted =
          header.alg === 'HS256' ? await checkSecrets(token, payload.tid) : await checkKeys(token, unverified);
        return { ...payload, minted };
      } catch (cause) {
        if (cause instanceof ChatError) throw cause;
        throw new ChatError('unauthorized', undefined, { cause });
      }
    },
  };
}

const LEEWAY = { clockTolerance: LIMITS.tokenLeewayMs } as const;

function isSigned(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch {
    return false;
  }
}

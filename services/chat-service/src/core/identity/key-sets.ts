/**
 * Identity providers whose tokens are accepted. The operator configures for each its issuer, its audience and the
 * tenants whose users its tokens may name.
 */
import { ChatError } from '@messagecore/protocol';
import type { KeySetAlgorithm, VerificationKey } from './jwk.ts';
import type { Jwks } from './jwks.ts';

export interface KeySetConfig {
  readonly url: string;
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** One of the values of their `aud`. */
  readonly audience: string;
  /** Whose users its tokens may name; `all` is for a provider of the operator's own. */
  readonly tenants: 'all' | ReadonlySet<string>;
}

/** What a token claims, before its signature is checked. */
export interface UnverifiedClaims {
  readonly alg: KeySetAlgorithm;
  readonly kid: string | undefined;
  readonly iss?: unknown;
  readonly aud?: unknown;
  readonly tid: string;
}

export interface KeySets {
  /**
   * The key that must have signed the token. Throws `unauthorized` when no trusted provider has such a key;
   * `unavailable` like `Jwks`.
   */
  keyFor(claimed: UnverifiedClaims): Promise<VerificationKey>;
}

export function createKeySets(configs: readonly KeySetConfig[], open: (url: string) => Pick<Jwks, 'find'>): KeySets {
  const sets = configs.map((config) => ({ ...config, jwks: open(config.url) }));
  return {
    async keyFor(claimed) {
      let failure: unknown;
      for (const { jwks, ...config } of sets) {
        if (!isTrustedFor(config, claimed)) continue;
        try {
          const key = await jwks.find(claimed.kid);
          if (key?.algorithms.includes(claimed.alg) === true) return key;
        } catch (error) {
          // Another provider of the same issuer may have the key.
          failure = error;
        }
      }
      throw failure ?? new ChatError('unauthorized');
    },
  };
}

function isTrustedFor({ issuer, audience, tenants }: KeySetConfig, { iss, aud, tid }: UnverifiedClaims): boolean {
  const isMeantForUs = Array.isArray(aud) ? aud.includes(audience) : aud === audience;
  return iss === issuer && isMeantForUs && (tenants === 'all' || tenants.has(tid));
}

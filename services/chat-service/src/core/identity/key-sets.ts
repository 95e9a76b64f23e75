/**
 * Identity providers whose tokens count. What a token says of itself is believed only as far as its provider was trusted
 * by the operator: an issuer, an audience, and the tenants for which it may speak.
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
export interface Claimed {
  readonly alg: KeySetAlgorithm;
  readonly kid: string | undefined;
  readonly iss?: unknown;
  readonly aud?: unknown;
  readonly tid: string;
}

export interface KeySets {
  /** The key that must have signed the token. Throws `unauthorized` when nobody trusted may have; `unavailable` as `Jwks`. */
  keyFor(claimed: Claimed): Promise<VerificationKey>;
}

export function createKeySets(configs: readonly KeySetConfig[], open: (url: string) => Pick<Jwks, 'find'>): KeySets {
  const sets = configs.map((config) => ({ ...config, jwks: open(config.url) }));
  return {
    async keyFor(claimed) {
      let later: unknown;
      for (const { jwks, ...config } of sets) {
        if (!speaksFor(config, claimed)) continue;
        try {
          const key = await jwks.find(claimed.kid);
          if (key?.algorithms.includes(claimed.alg) === true) return key;
        } catch (error) {
          // Another provider of the same issuer may have the key.
          later = error;
        }
      }
      throw later ?? new ChatError('unauthorized');
    },
  };
}

function speaksFor({ issuer, audience, tenants }: KeySetConfig, { iss, aud, tid }: Claimed): boolean {
  const isMeantForUs = Array.isArray(aud) ? aud.includes(audience) : aud === audience;
  return iss === issuer && isMeantForUs && (tenants === 'all' || tenants.has(tid));
}

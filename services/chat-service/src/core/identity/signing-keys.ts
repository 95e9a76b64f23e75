/**
 * Keys with which the service signs users' tokens, so that others can check these with what `/.well-known/jwks.json` says. The
 * first of the ring signs, all of it counts: a key is changed in three steps that sign nobody out (docs/operate.md).
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { z } from 'zod';

const RSA_BITS_AT_LEAST = 2_048;

export interface SigningKey {
  readonly kid: string;
  readonly alg: 'EdDSA' | 'RS256';
  readonly privatePem: string;
  readonly publicPem: string;
  /** What others see of it (RFC 7517). */
  readonly jwk: object;
}

/** In the order of the ring; the first one signs. */
export type SigningKeys = readonly SigningKey[];

const ENTRY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]+={0,2})$/;

/** For `z.transform`: `id:base64` of private keys (PKCS #8, DER) separated by commas, or an issue that shows no key. */
export function signingKeys(text: string, context: z.RefinementCtx): SigningKeys {
  const keys = text.split(',').map((part) => readKey(part.trim()));
  const known = keys.filter((key) => key !== undefined);
  if (known.length === keys.length && new Set(known.map(({ kid }) => kid)).size === keys.length) return known;
  const message = 'must be id:base64 with private keys in PKCS #8, Ed25519 or RSA of 2048 bits, separated by commas';
  context.addIssue({ code: 'custom', message });
  return [];
}

function readKey(entry: string): SigningKey | undefined {
  const [, kid, encoded] = ENTRY.exec(entry) ?? [];
  if (kid === undefined || encoded === undefined) return undefined;
  const key = privateKeyOf(Buffer.from(encoded, 'base64'));
  const alg = key && algorithmOf(key);
  if (key === undefined || alg === undefined) return undefined;
  const publicKey = createPublicKey(key);
  return {
    ...{ kid, alg },
    privatePem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' },
  };
}

function privateKeyOf(der: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SigningKey['alg'] | undefined {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  const isLong = (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS_AT_LEAST;
  return asymmetricKeyType === 'rsa' && isLong ? 'RS256' : undefined;
}

/** The key set that is published. */
export function publishedKeys(keys: SigningKeys): { readonly keys: readonly object[] } {
  return { keys: keys.map(({ jwk }) => jwk) };
}

/** Public keys of a key set (RFC 7517), and the signatures that each of them may make. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** Signatures of identity providers that are taken. None of them is checked with a secret. */
export const KEY_SET_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
export type KeySetAlgorithm = (typeof KEY_SET_ALGORITHMS)[number];

export interface VerificationKey {
  /** The key is used for nothing else, whatever a token's header claims. */
  readonly algorithms: readonly KeySetAlgorithm[];
  readonly pem: string;
}

const KEYS_AT_MOST = 200;
const RSA_BITS_AT_LEAST = 2_048;

const KeySet = z.object({ keys: z.array(z.unknown()).max(KEYS_AT_MOST) });
const Jwk = z.looseObject({
  kid: z.string().optional(),
  kty: z.string(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  alg: z.string().optional(),
});
type Jwk = z.infer<typeof Jwk>;

const BY_CURVE: Readonly<Record<string, readonly KeySetAlgorithm[]>> = {
  'EC:P-256': ['ES256'],
  'EC:P-384': ['ES384'],
  'EC:P-521': ['ES512'],
  'OKP:Ed25519': ['EdDSA'],
};
const OF_RSA: readonly KeySetAlgorithm[] = ['RS256', 'PS256'];

/**
 * The usable keys of a document by id; the only one also under the empty id. A key that is not for signatures, or of
 * a kind that tokens here do not use, or damaged, does not touch the others. Throws when the document is no key set.
 */
export function readKeySet(document: unknown): ReadonlyMap<string, VerificationKey> {
  const found = new Map<string, VerificationKey>();
  for (const entry of KeySet.parse(document).keys) {
    const jwk = Jwk.safeParse(entry);
    const key = jwk.success ? readKey(jwk.data) : undefined;
    if (key !== undefined) found.set(jwk.data?.kid ?? '', key);
  }
  const only = found.size === 1 ? [...found.values()][0] : undefined;
  if (only !== undefined) found.set('', only);
  return found;
}

function readKey(jwk: Jwk): VerificationKey | undefined {
  const isForSignatures = (jwk.use ?? 'sig') === 'sig' && (jwk.key_ops ?? ['verify']).includes('verify');
  const algorithms = algorithmsOf(jwk);
  if (!isForSignatures || algorithms.length === 0) return undefined;
  const key = publicKeyOf(jwk);
  if (key === undefined || isShort(key)) return undefined;
  return { algorithms, pem: key.export({ type: 'spki', format: 'pem' }).toString() };
}

/** What the kind of key can do, and no more than its own `alg` says. */
function algorithmsOf({ kty, alg, ...jwk }: Jwk): readonly KeySetAlgorithm[] {
  const possible = kty === 'RSA' ? OF_RSA : (BY_CURVE[`${kty}:${String(jwk['crv'])}`] ?? []);
  return alg === undefined ? possible : possible.filter((algorithm) => algorithm === alg);
}

function publicKeyOf(jwk: Jwk): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function isShort({ asymmetricKeyDetails }: KeyObject): boolean {
  return (asymmetricKeyDetails?.modulusLength ?? Infinity) < RSA_BITS_AT_LEAST;
}

/** Tokens that were not minted here, and an identity provider that signs some. */
import { createHmac, generateKeyPairSync, type KeyObject, sign, constants } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Any header and claims, signed with a secret. */
export function hs256(payload: object, secret: string, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const ecKey = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsaKey = () => generateKeyPairSync('rsa', { modulusLength: 2_048 });

const HASHES: Readonly<Record<string, string | null>> = { ES384: 'sha384', ES512: 'sha512', EdDSA: null };

/** Signs as an algorithm says, whatever the header may claim. */
export function signed(alg: string, key: KeyObject, payload: object, header: object): string {
  const text = `${part(header)}.${part(payload)}`;
  const padding = alg === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  const hash = alg in HASHES ? (HASHES[alg] ?? null) : 'sha256';
  const signature = sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363', ...padding });
  return `${text}.${signature.toString('base64url')}`;
}

/** Key pairs of each algorithm, served as a key set. */
export async function startIdentityProvider() {
  const pairs = {
    RS256: rsaKey(),
    PS256: rsaKey(),
    ES256: ecKey('P-256'),
    ES384: ecKey('P-384'),
    ES512: ecKey('P-521'),
    EdDSA: generateKeyPairSync('ed25519'),
  };
  const jwkOf = (kid: string, key: KeyObject) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });
  const keys: object[] = Object.entries(pairs).map(([alg, { publicKey }]) => ({ ...jwkOf(alg, publicKey), alg }));
  let asked = 0;
  const server = createServer((_, reply) => {
    asked += 1;
    reply.end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    issuer: 'https://idp.example',
    audience: 'chat',
    pairs,
    asked: () => asked,
    publish: (kid: string, key: KeyObject) => keys.push(jwkOf(kid, key)),
    /** A token that says what it must, unless told otherwise. */
    token(alg: keyof typeof pairs, payload: object, header: object = {}) {
      const claims = { iss: 'https://idp.example', aud: 'chat', ...payload };
      return signed(alg, pairs[alg].privateKey, claims, { alg, kid: alg, ...header });
    },
    stop: () => void server.close(),
  };
}

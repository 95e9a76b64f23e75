import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { readKeySet } from './jwk.ts';

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
const rsa = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
const read = (...keys: unknown[]) =>
  Object.fromEntries([...readKeySet({ keys })].map(([kid, { algorithms }]) => [kid, algorithms]));

test('each key makes the signatures of its kind, and no more than its own alg says', () => {
  const [key, other] = [rsa(2_048), ec('P-384')];
  expect(
    read(
      { ...key, kid: 'rsa' },
      { ...key, kid: 'ps', alg: 'PS256' },
      { ...key, kid: 'oaep', alg: 'RSA-OAEP' },
      { ...other, kid: 'ec' },
      { ...other, kid: 'wrong', alg: 'ES256' },
      { ...ec('P-521'), kid: '521' },
      { ...ec('secp256k1'), kid: 'coin' },
    ),
  ).toEqual({ rsa: ['RS256', 'PS256'], ps: ['PS256'], ec: ['ES384'], 521: ['ES512'] });
});

test('keys that are not for signatures, short, secret or damaged do not touch the others', () => {
  const good = { ...ec('P-256'), kid: 'good' };
  const others = [
    { ...good, kid: 'enc', use: 'enc' },
    { ...good, kid: 'ops', key_ops: ['sign'] },
    { ...rsa(1_024), kid: 'short' },
    { kty: 'oct', k: 'abc', kid: 'secret' },
    { kty: 'EC', crv: 'P-256', kid: 'damaged' },
    { ...good, kid: 7 },
    null,
    'x',
  ];
  expect(read(good, ...others)).toEqual({ good: ['ES256'], '': ['ES256'] });
});

test('what is no key set, or is endless, is refused whole', () => {
  for (const document of [undefined, null, [], {}, { keys: {} }, { keys: Array.from({ length: 201 }, () => ({})) }]) {
    expect(() => readKeySet(document)).toThrow(/invalid_type|too_big/);
  }
});

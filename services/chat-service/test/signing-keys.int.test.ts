/** Keys that sign users' tokens, how others check these, and how a key is changed (ACC-2). */
import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { signingKeys } from '../src/core/identity/signing-keys.ts';
import { startChatService } from '../src/roles/app.ts';
import { createClient, type RestClient } from './client.ts';
import { hs256, signed } from './identity-provider.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';

const textOf = (kid: string, key: KeyObject) =>
  `${kid}:${key.export({ format: 'der', type: 'pkcs8' }).toString('base64')}`;
const old = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const next = generateKeyPairSync('ed25519');
const OLD = textOf('old', old.privateKey);
const NEXT = textOf('next', next.privateKey);

let house: TestService;
let tenant: TestTenant;
beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

/** A chat-service beside that of the house, with a ring of keys. */
async function serviceWith(ring: string): Promise<RestClient> {
  const keys = z.string().transform(signingKeys).parse(ring);
  const service = await startChatService({ ...house.config, signingKeys: keys });
  onTestFinished(() => service.stop());
  return createClient(service.url);
}

async function tokenFrom(rest: RestClient): Promise<string> {
  const { body } = await rest.with({ 'x-api-key': tenant.apiKey }).post('/v1/tokens', { user: 'ext:ann' });
  return body.token;
}

const statusAt = async (rest: RestClient, token: string) =>
  (await rest.with({ authorization: `Bearer ${token}` }).get('/v1/users/me')).status;
const decoded = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());

test('a key is changed, from none to another, and every token goes on', async () => {
  const tokens = [await tokenFrom(house.rest)];
  for (const ring of [OLD, `${OLD},${NEXT}`, `${NEXT},${OLD}`]) {
    const rest = await serviceWith(ring);
    tokens.push(await tokenFrom(rest));
    for (const token of tokens) expect(await statusAt(rest, token)).toBe(200);
  }
  expect(tokens.map((token) => decoded(token.split('.')[0]).kid)).toEqual([undefined, 'old', 'old', 'next']);
  const rest = await serviceWith(NEXT);
  expect(await Promise.all(tokens.map((token) => statusAt(rest, token)))).toEqual([200, 401, 401, 200]);
});

test('others check tokens with what is published, and see no private part', async () => {
  const rest = await serviceWith(`${NEXT},${OLD}`);
  const { body, headers } = await rest.get('/.well-known/jwks.json');
  expect(headers.get('content-type')).toBe('application/jwk-set+json');
  const keys = body.keys as (JsonWebKey & { kid: string; alg: string })[];
  expect(keys.map(({ kid, alg }) => [kid, alg])).toEqual([
    ['next', 'EdDSA'],
    ['old', 'RS256'],
  ]);
  for (const key of keys) expect(key).not.toHaveProperty('d');
  const [header, payload, signature = ''] = (await tokenFrom(rest)).split('.');
  const jwk = keys.find(({ kid }) => kid === decoded(header).kid)!;
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const isGood = verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
  expect(isGood).toBe(true);
  expect((await house.rest.get('/.well-known/jwks.json')).body).toEqual({ keys: [] });
});

test('what only claims to be signed by a key is refused', async () => {
  const rest = await serviceWith(`${NEXT},${OLD}`);
  const { sub, tid, exp, gen } = decoded((await tokenFrom(rest)).split('.')[1]);
  const claims = { sub, tid, exp, gen };
  const pem = old.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const none = `${Buffer.from('{"alg":"none","kid":"old"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
  const forged = [
    signed('EdDSA', generateKeyPairSync('ed25519').privateKey, claims, { alg: 'EdDSA', kid: 'next' }),
    signed('EdDSA', next.privateKey, claims, { alg: 'EdDSA', kid: 'old' }),
    signed('EdDSA', next.privateKey, claims, { alg: 'EdDSA' }),
    hs256(claims, pem, { alg: 'HS256', kid: 'old' }),
    none,
  ];
  expect(await Promise.all(forged.map((token) => statusAt(rest, token)))).toEqual(forged.map(() => 401));
  const own = signed('EdDSA', next.privateKey, claims, { alg: 'EdDSA', kid: 'next' });
  expect(await statusAt(rest, own)).toBe(200);
});

test.each([
  ['nothing', ''],
  ['no id', OLD.slice(4)],
  ['no key', 'a:AAAA'],
  ['the same id twice', `${OLD},${OLD}`],
  ['a short key', textOf('a', generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey)],
  ['another kind of key', textOf('a', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
])('%s is no ring of keys', (_, ring) => {
  const { success, error } = z.string().transform(signingKeys).safeParse(ring);
  expect(success).toBe(false);
  expect(error?.message).not.toContain(ring.split(':')[1] ?? 'AAAA');
});

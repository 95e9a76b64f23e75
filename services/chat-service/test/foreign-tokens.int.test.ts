/** Tokens that identity providers and tenants sign: what of them is believed. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hs256, part, signed, startIdentityProvider } from './identity-provider.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
let house: TestService;
let trusted: TestTenant;
let alice: TestUser;

beforeAll(async () => {
  provider = await startIdentityProvider();
  const { url, issuer, audience } = provider;
  // Set below: the service needs it at start, the tenant needs the service.
  const tenants = new Set<string>();
  house = await startTestService({ keySets: [{ url, issuer, audience, tenants }] });
  trusted = await createTestTenant(house);
  tenants.add(trusted.tid);
  alice = await trusted.user('alice');
});
afterAll(async () => {
  await house.stop();
  provider.stop();
});

const seconds = (from = 0) => Math.floor(Date.now() / 1_000) + from;
const claims = (more: object = {}) => ({ sub: alice.uid, tid: trusted.tid, exp: seconds(60), ...more });
const statusOf = async (token: string) =>
  (await house.rest.with({ authorization: `Bearer ${token}` }).get('/v1/users/me')).status;

describe('key sets', () => {
  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const)('[AUTH-11] %s is taken', async (alg) => {
    expect(await statusOf(provider.token(alg, claims()))).toBe(200);
    expect(await statusOf(`${provider.token(alg, claims()).slice(0, -8)}AAAAAAAA`)).toBe(401);
  });

  test('[AUTH-12] issuer and audience are checked', async () => {
    const audiences = [['other', 'chat'], ['chat']];
    for (const aud of audiences)
      expect([aud, await statusOf(provider.token('ES256', claims({ aud })))]).toEqual([aud, 200]);
    const wrong = [
      { iss: 'https://other.example' },
      { iss: undefined },
      { iss: ['https://idp.example'] },
      { aud: 'other' },
    ];
    for (const more of [...wrong, { aud: undefined }, { aud: [] }, { aud: ['other'] }, { aud: { chat: true } }]) {
      expect([more, await statusOf(provider.token('ES256', claims(more)))]).toEqual([more, 401]);
    }
  });

  test('[AUTH-12] no provider speaks for a tenant that was not entrusted to it', async () => {
    const stranger = await createTestTenant(house);
    const { uid } = await stranger.user('alice');
    expect(await statusOf(provider.token('ES256', claims({ sub: uid, tid: stranger.tid })))).toBe(401);
    expect(await statusOf(provider.token('ES256', claims({ sub: uid })))).toBe(401);
  });

  test('[AUTH-10] an unknown key is told to come again, when it may be newer than what was read', async () => {
    const pair = generateKeyPairSync('ed25519');
    const token = (kid: string) =>
      signed('EdDSA', pair.privateKey, claims({ iss: provider.issuer, aud: provider.audience }), { alg: 'EdDSA', kid });
    await statusOf(provider.token('ES256', claims()));
    provider.publish('new', pair.publicKey);
    const answer = await house.rest.with({ authorization: `Bearer ${token('new')}` }).get('/v1/users/me');
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    // Nobody asks the provider in vain: a token of another issuer is refused at once.
    const asked = provider.asked();
    expect(await statusOf(signed('EdDSA', pair.privateKey, claims({ iss: 'x' }), { alg: 'EdDSA', kid: 'y' }))).toBe(
      401,
    );
    expect(provider.asked()).toBe(asked);
  });
});

describe('[AUTH-11] what no token may be', () => {
  test('signed by nobody, or with a public key as a secret', async () => {
    const { publicKey } = provider.pairs.RS256;
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }));
    const good = claims({ iss: provider.issuer, aud: provider.audience });
    for (const alg of ['none', 'None', 'NONE', '', 'HS384', 'RS1', 'HS256 ']) {
      expect([alg, await statusOf(`${part({ alg })}.${part(good)}.AA`)]).toEqual([alg, 401]);
      expect([alg, await statusOf(`${part({ alg, kid: 'RS256' })}.${part(good)}.AA`)]).toEqual([alg, 401]);
    }
    for (const secret of [pem, pem.trim(), jwk, 'x']) {
      for (const kid of [undefined, 'RS256']) {
        expect(await statusOf(hs256(good, secret, { alg: 'HS256', kid }))).toBe(401);
      }
    }
  });

  test('signed with a key for another algorithm', async () => {
    const good = claims({ iss: provider.issuer, aud: provider.audience });
    const { RS256, PS256, ES256 } = provider.pairs;
    expect(await statusOf(signed('PS256', RS256.privateKey, good, { alg: 'PS256', kid: 'RS256' }))).toBe(401);
    expect(await statusOf(signed('RS256', PS256.privateKey, good, { alg: 'RS256', kid: 'PS256' }))).toBe(401);
    expect(await statusOf(signed('ES256', ES256.privateKey, good, { alg: 'ES384', kid: 'ES256' }))).toBe(401);
  });

  test('with a header that must be understood and is not', async () => {
    const { jwtSecret } = house.config;
    for (const crit of [['b64'], ['exp'], [], null, 'x']) {
      expect(await statusOf(hs256(claims(), jwtSecret, { alg: 'HS256', crit, b64: true }))).toBe(401);
      expect(await statusOf(provider.token('ES256', claims(), { crit, b64: true }))).toBe(401);
    }
  });

  test.each([
    ['far away', { exp: 1e308 }],
    ['milliseconds', { exp: Date.now() + 60_000 }],
    ['a text', { exp: String(seconds(60)) }],
    ['missing', { exp: undefined }],
    ['negative', { exp: -1 }],
    ['in force later', { nbf: seconds(3_600) }],
    ['in force as text', { nbf: '0' }],
    ['made far ahead', { iat: seconds(3_600) }],
    ['made never', { iat: 1e308 }],
    ['made as text', { iat: String(seconds()) }],
  ])('times: %s', async (_, more) => {
    expect(await statusOf(provider.token('ES256', claims(more)))).toBe(401);
    const secret = 'the tenant’s own secret, long enough';
    await house.operator.patch(`/admin/v1/tenants/${trusted.tid}`, { jwtSecret: secret });
    expect(await statusOf(hs256(claims(), secret))).toBe(200);
    expect(await statusOf(hs256(claims(more), secret))).toBe(401);
    await house.operator.patch(`/admin/v1/tenants/${trusted.tid}`, { jwtSecret: null });
  });

  test('times that are taken: the end of all calendars, clocks that differ a little', async () => {
    for (const more of [
      { exp: 253_402_300_799 },
      { nbf: seconds(3) },
      { iat: seconds(20) },
      { iat: 0, nbf: 0 },
      { exp: seconds(60) + 0.5 },
    ]) {
      expect([more, await statusOf(provider.token('ES256', claims(more)))]).toEqual([more, 200]);
    }
  });

  test('longer than a frame could carry it', async () => {
    const { jwtSecret } = house.config;
    const withPad = (pad: number) => hs256({ ...claims(), pad: 'x'.repeat(pad) }, jwtSecret);
    const most = Math.floor((LIMITS.tokenBytes - withPad(0).length) * 0.75);
    expect(withPad(most).length).toBeLessThanOrEqual(LIMITS.tokenBytes);
    expect(await statusOf(withPad(most))).toBe(200);
    expect(await statusOf(withPad(most + 6))).toBe(401);
  });
});

test('a tenant’s own secret speaks for its tenant alone, whatever it claims to be minted with', async () => {
  const secret = 'the tenant’s own secret, long enough';
  await house.operator.patch(`/admin/v1/tenants/${trusted.tid}`, { jwtSecret: secret });
  const phone = await trusted.user('numbers', { clientId: 'phone' });
  expect((await phone.delete('/v1/devices/phone')).status).toBe(204);
  const { gen } = JSON.parse(
    Buffer.from((await trusted.user('numbers', { clientId: 'phone' })).token.split('.')[1]!, 'base64url').toString(),
  ) as { gen: number };
  expect(gen).toBeGreaterThan(0);
  const forged = { sub: phone.uid, dev: 'phone', gen, iatMs: Date.now() + 1e9, iat: seconds(-1) };
  expect(await statusOf(hs256(claims(forged), secret))).toBe(401);
  expect(await statusOf(hs256(claims({ tid: randomUUID() }), secret))).toBe(401);
});

/** OpenID Connect against a real provider. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { OidcSettings } from '@messagecore/protocol/features';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createOidc, type Oidc, type OidcBegun, type OidcProvider } from '../src/features/sso/oidc.ts';
import { createOutbound, type Outbound } from '../src/platform/outbound/outbound.ts';
import { hs256, part, signed } from './identity-provider.ts';
import { CLIENT, type OidcServer, startOidcServer } from './oidc-server.ts';
import { REDIRECT_URI } from './sign-in-browser.ts';

let server: OidcServer;
let outbound: Outbound;
let oidc: Oidc;
let provider: OidcProvider;

beforeAll(async () => {
  server = await startOidcServer();
  outbound = createOutbound({ exemptNetworks: ['127.0.0.0/8'], plainHttp: true });
  oidc = createOidc({ operator: outbound, tenant: outbound });
  provider = providerAt(server.issuer);
  server.people.set('ann', {
    ...{ name: 'Ann', email: 'ann@example.org', email_verified: true },
    groups: ['staff', 'chat-admins'],
  });
});
afterAll(async () => {
  await outbound.close();
  await server.stop();
});

function providerAt(issuer: string, more: Partial<OidcProvider> = {}): OidcProvider {
  const settings = OidcSettings.parse({
    ...{ kind: 'oidc', name: 'Test', issuer, clientId: CLIENT.client_id, redirectUris: [REDIRECT_URI] },
  });
  return { tid: 'tenant', id: 'test', settings, secret: CLIENT.client_secret, keptBy: 'operator', ...more };
}

const refused = (finishing: Promise<unknown>) =>
  finishing.then(
    () => 'taken',
    (error: { code: string }) => error.code,
  );
const checksOf = ({ url: _, ...checks }: OidcBegun) => checks;

test('[ACC-3] who signs in at the provider is who it says, with its claims', async () => {
  const begun = await oidc.begin(provider, REDIRECT_URI);
  const asked = new URL(begun.url).searchParams;
  expect([asked.get('code_challenge_method'), asked.get('state'), asked.get('nonce')]).toEqual([
    'S256',
    begun.state,
    begun.nonce,
  ]);
  const claims = await oidc.finish(provider, await server.visit(begun.url, 'ann'), checksOf(begun));
  expect(claims).toMatchObject({ sub: 'ann', name: 'Ann', email_verified: true, groups: ['staff', 'chat-admins'] });
});

test('[ACC-3] a public client needs no secret, PKCE stands in for it', async () => {
  const { client_id } = CLIENT;
  const open = await startOidcServer({
    clients: [{ client_id, redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }],
  });
  onTestFinished(() => open.stop());
  const public_ = providerAt(open.issuer, { secret: undefined });
  const begun = await oidc.begin(public_, REDIRECT_URI);
  expect(await oidc.finish(public_, await open.visit(begun.url, 'bob'), checksOf(begun))).toMatchObject({ sub: 'bob' });
});

describe('[ACC-3] refused is', () => {
  let begun: OidcBegun;
  let back: URL;
  const begin = async () => {
    begun = await oidc.begin(provider, REDIRECT_URI);
    back = await server.visit(begun.url, 'ann');
  };

  test('a code that was redeemed', async () => {
    await begin();
    await oidc.finish(provider, back, checksOf(begun));
    expect(await refused(oidc.finish(provider, back, checksOf(begun)))).toBe('unauthorized');
  });

  test.each<[string, (other: OidcBegun) => Partial<OidcBegun>]>([
    ['another state', ({ state }) => ({ state })],
    ['another nonce', ({ nonce }) => ({ nonce })],
    ['another code verifier', ({ codeVerifier }) => ({ codeVerifier })],
  ])('%s', async (_, change) => {
    await begin();
    const other = await oidc.begin(provider, REDIRECT_URI);
    expect(await refused(oidc.finish(provider, back, { ...checksOf(begun), ...change(other) }))).toBe('unauthorized');
  });

  test('what another provider was asked for (mix-up)', async () => {
    await begin();
    const other = await startOidcServer();
    onTestFinished(() => other.stop());
    expect(await refused(oidc.finish(providerAt(other.issuer), back, checksOf(begun)))).toBe('unauthorized');
  });

  test('a wrong secret', async () => {
    await begin();
    const wrong = providerAt(server.issuer, { secret: 'wrong' });
    expect(await refused(oidc.finish(wrong, back, checksOf(begun)))).toBe('unauthorized');
  });

  test('a person who did not allow it', async () => {
    const { state, ...rest } = checksOf(await oidc.begin(provider, REDIRECT_URI));
    const denied = new URL(
      `${REDIRECT_URI}?error=access_denied&state=${state}&iss=${encodeURIComponent(server.issuer)}`,
    );
    await expect(oidc.finish(provider, denied, { state, ...rest })).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('access_denied'),
    });
  });

  test('a provider at an address that must not be reached', async () => {
    const strict = createOutbound({ plainHttp: true });
    onTestFinished(() => strict.close());
    const begins = createOidc({ operator: strict, tenant: strict }).begin(provider, REDIRECT_URI);
    await expect(begins).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('a provider that is not there', async () => {
    expect(await refused(oidc.begin(providerAt('http://127.0.0.1:1'), REDIRECT_URI))).toBe('unavailable');
  });
});

const KEY = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const FOREIGN_KEY = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const KID = 'published';

/** A provider with one key that answers with whatever ID token it is told to; `broken` is a path that it answers with another status. */
async function startLiar({
  idToken = () => '',
  key = () => ({ ...KEY.publicKey.export({ format: 'jwk' }), kid: KID }),
  broken,
}: {
  idToken?: (issuer: string, nonce: string) => string;
  key?: () => object;
  broken?: { readonly path: string; readonly status: number };
}) {
  let nonce = '';
  const liar: Server = createServer((request, response) => {
    const issuer = `http://${request.headers.host}`;
    const json = (body: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    if (broken !== undefined && request.url?.includes(broken.path) === true) {
      response.writeHead(broken.status).end('busy');
    } else if (request.url?.includes('openid-configuration') === true) {
      json({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'none'],
      });
    } else if (request.url === '/jwks') {
      json({ keys: [{ ...key(), use: 'sig', alg: 'RS256' }] });
    } else json({ access_token: 'x', token_type: 'bearer', id_token: idToken(issuer, nonce) });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => liar.close().closeAllConnections());
  await once(liar, 'listening');
  const issuer = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
  return {
    async finish() {
      const lying = providerAt(issuer);
      const begun = await oidc.begin(lying, REDIRECT_URI);
      ({ nonce } = begun);
      return oidc.finish(lying, new URL(`${REDIRECT_URI}?code=c&state=${begun.state}`), checksOf(begun));
    },
  };
}

const nowS = () => Math.floor(Date.now() / 1_000);
const claimsOf = (iss: string, nonce: string) => ({
  ...{ iss, nonce, sub: 'ann', aud: CLIENT.client_id },
  ...{ iat: nowS(), exp: nowS() + 60 },
});
type Made = (claims: ReturnType<typeof claimsOf>) => string;
const HEADER = { alg: 'RS256', kid: KID };
const good: Made = (claims) => signed('RS256', KEY.privateKey, claims, HEADER);
const finishWith = async (made: Made) =>
  (await startLiar({ idToken: (iss, nonce) => made(claimsOf(iss, nonce)) })).finish();

test('[ACC-3] an ID token that the provider has signed is taken', async () => {
  expect(await finishWith(good)).toMatchObject({ sub: 'ann' });
});

test('[ACC-3] a key that the provider has changed is taken at once, and the old one no more', async () => {
  let [kid, pair] = [KID, KEY];
  const signs = { kid, pair };
  const liar = await startLiar({
    key: () => ({ ...pair.publicKey.export({ format: 'jwk' }), kid }),
    idToken: (iss, nonce) =>
      signed('RS256', signs.pair.privateKey, claimsOf(iss, nonce), { alg: 'RS256', kid: signs.kid }),
  });
  expect(await liar.finish()).toMatchObject({ sub: 'ann' });
  [kid, pair] = ['changed', FOREIGN_KEY];
  expect(await refused(liar.finish())).toBe('unauthorized');
  Object.assign(signs, { kid, pair });
  expect(await liar.finish()).toMatchObject({ sub: 'ann' });
});

test.each<[string, Made]>([
  ['without a signature', (claims) => `${part({ alg: 'none' })}.${part(claims)}.`],
  ['signed with the client’s secret', (claims) => hs256(claims, CLIENT.client_secret, { alg: 'HS256', kid: KID })],
  [
    'signed with a key that the provider does not have',
    (claims) => signed('RS256', FOREIGN_KEY.privateKey, claims, HEADER),
  ],
  ['that is expired', (claims) => good({ ...claims, exp: nowS() - 3_600 })],
  ['for somebody else', (claims) => good({ ...claims, aud: 'another' })],
  ['of another provider', (claims) => good({ ...claims, iss: 'https://another.example.org' })],
  ['of another sign-in', (claims) => good({ ...claims, nonce: 'another' })],
])('[ACC-3] an ID token %s is refused', async (_, made) => {
  expect(await refused(finishWith(made))).toBe('unauthorized');
});

test.each(
  ['openid-configuration', '/jwks', '/token'].flatMap((path) => [429, 500, 503].map((status) => ({ path, status }))),
)('[ACC-3] a provider whose $path answers $status is unavailable, and has refused nobody', async (broken) => {
  const liar = await startLiar({ idToken: (iss, nonce) => good(claimsOf(iss, nonce)), broken });
  expect(await refused(liar.finish())).toBe('unavailable');
});

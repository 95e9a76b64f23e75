/** What holds of a provider that is switched off or deleted while no process has the role `jobs`, which ends its sign-ins. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLIENT, type OidcServer, startOidcServer } from './oidc-server.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';
import { REDIRECT_URI } from './sign-in-browser.ts';

let house: TestService;
let tenant: TestTenant;
let provider: OidcServer;

beforeAll(async () => {
  [house, provider] = await Promise.all([startTestService({ roles: new Set(['api', 'relay']) }), startOidcServer()]);
  tenant = await createTestTenant(house);
}, 240_000);
afterAll(async () => {
  await Promise.all([house?.stop(), provider?.stop()]);
});

const path = (id = '') => `/admin/v1/tenants/${tenant.tid}/identity-providers/${id}`;
const settings = (more: object = {}) => ({
  ...{ kind: 'oidc', name: 'Company', issuer: provider.issuer, clientId: CLIENT.client_id },
  ...{ redirectUris: [REDIRECT_URI], ...more },
});

async function add(providerId: string): Promise<void> {
  const request = { providerId, settings: settings(), secret: CLIENT.client_secret };
  expect((await house.operator.post(path().slice(0, -1), request)).status).toBe(201);
}

async function signIn(providerId: string) {
  const request = { tenant: tenant.tid, providerId, redirectUri: REDIRECT_URI };
  const { url, flow } = (await house.rest.post('/v1/auth/oidc/start', request)).body;
  const query = (await provider.visit(url, 'ann')).search;
  return (await house.rest.post('/v1/auth/oidc/finish', { flow, query, clientId: providerId })).body;
}

const refresh = ({ refreshToken }: { refreshToken: string }) => house.rest.post('/v1/auth/refresh', { refreshToken });
const turn = (id: string, enabled: boolean) => house.operator.patch(path(id), { settings: settings({ enabled }) });

test.each<[string, (id: string) => Promise<unknown>]>([
  ['switched off', (id) => turn(id, false)],
  ['deleted', (id) => house.operator.delete(path(id))],
  ['deleted and made anew', (id) => house.operator.delete(path(id)).then(() => add(id))],
])('[ACCT-1] a sign-in is not refreshed from the answer on when its provider is %s', async (how, end) => {
  const [id, other] = [how.replaceAll(' ', '-'), `beside-${how.replaceAll(' ', '-')}`];
  await add(id);
  await add(other);
  const [first, beside] = [await signIn(id), await signIn(other)];
  const { status, body: second } = await refresh(first);
  expect(status).toBe(200);
  await end(id);
  // The newest, and the one before, whose answer would be repeated.
  expect([(await refresh(second)).status, (await refresh(first)).status]).toEqual([401, 401]);
  expect((await refresh(beside)).status).toBe(200);
  const sql = house.sql();
  const waiting = await sql`select from jobs where kind = 'sso.end sign-ins' and payload ->> 'providerId' = ${id}`;
  expect(waiting).toHaveLength(1);
  expect(await sql`select from sign_ins where provider_id = ${id}`).toHaveLength(1);
  await sql.end();
});

test('[TNT-9] nor is one by the tenant’s own once the user is an owner; by the operator’s it is', async () => {
  await add('kept');
  const first = await signIn('kept');
  const sql = house.sql();
  const keptBy = (keeper: string) => sql`update identity_providers set kept_by = ${keeper} where id = 'kept'`;
  await keptBy('tenant');
  const { status, body: second } = await refresh(first);
  expect(status).toBe(200);
  await tenant.backEnd.patch(`/v1/users/${first.userId}`, { role: 'owner' });
  expect([(await refresh(second)).status, (await refresh(first)).status]).toEqual([401, 401]);
  await keptBy('operator');
  expect((await refresh(second)).status).toBe(200);
  await sql.end();
});

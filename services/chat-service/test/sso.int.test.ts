/** Sign-in by a tenant's own identity providers, over REST, against a real provider and a real directory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer, startSlapd } from '@messagecore/dev-servers';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT, type OidcServer, REDIRECT_URI, startOidcServer } from './oidc-server.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';

const SUFFIX = 'dc=example,dc=org';

let house: TestService;
let tenant: TestTenant;
let provider: OidcServer;
let slapd: DevServer;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messagecore-sso-'));
  [house, provider, slapd] = await Promise.all([
    startTestService(),
    startOidcServer(),
    startSlapd({ dataDir: join(dir, 'slapd'), suffix: SUFFIX, adminPassword: 'secret', log: () => {} }),
  ]);
  tenant = await createTestTenant(house);
  await fillDirectory();
  await addProvider(tenant, 'company', oidcSettings(), CLIENT.client_secret);
  await addProvider(tenant, 'directory', ldapSettings(), 'secret');
}, 240_000);
afterAll(async () => {
  await Promise.all([house?.stop(), provider?.stop(), slapd?.stop()]);
  await rm(dir, { recursive: true, force: true });
});

async function fillDirectory(): Promise<void> {
  const client = new Client({ url: slapd.url });
  await client.bind(`cn=admin,${SUFFIX}`, 'secret');
  await client.add(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' });
  const dora = { uid: 'dora', cn: 'Dora', sn: 'Dora', mail: 'ann@example.org', userPassword: 'her password' };
  await client.add(`uid=dora,${SUFFIX}`, { objectClass: 'inetOrgPerson', employeeType: 'staff', ...dora });
  await client.unbind();
}

const roles = [{ claim: 'groups', value: 'chat-admins', role: 'admin' }];
const oidcSettings = (more: object = {}) => ({
  ...{ kind: 'oidc', name: 'Company', issuer: provider.issuer, clientId: CLIENT.client_id },
  ...{ redirectUris: [REDIRECT_URI], roles },
  ...more,
});
const ldapSettings = () => ({
  ...{ kind: 'ldap', name: 'Directory', url: slapd.url, startTls: false },
  ...{ bindDn: `cn=admin,${SUFFIX}`, baseDn: SUFFIX },
  roles: [{ claim: 'employeeType', value: 'staff', role: 'moderator' }],
});

const providersOf = ({ tid }: TestTenant) => `/admin/v1/tenants/${tid}/identity-providers`;

async function addProvider(of: TestTenant, providerId: string, settings: object, secret: string): Promise<void> {
  const { status, body } = await house.operator.post(providersOf(of), { providerId, settings, secret });
  expect([status, body.hasSecret]).toEqual([201, true]);
  expect(JSON.stringify(body)).not.toContain(secret);
}

async function begin(providerId = 'company', of = tenant) {
  const request = { tenant: of.tid, providerId, redirectUri: REDIRECT_URI };
  const { status, body } = await house.rest.post('/v1/auth/oidc/start', request);
  expect(status).toBe(200);
  return body as { url: string; flow: string };
}

const finish = (flow: string, query: string) => house.rest.post('/v1/auth/oidc/finish', { flow, query });

/** From the sign-in page to what it gets. */
async function signIn(person: string, providerId = 'company') {
  const { url, flow } = await begin(providerId);
  const back = await provider.visit(url, person);
  return finish(flow, back.search);
}

const signInLdap = (username: string, password: string) =>
  house.rest.post('/v1/auth/ldap', { tenant: tenant.tid, providerId: 'directory', username, password });

const me = async (token: string) =>
  (await house.rest.with({ authorization: `Bearer ${token}` }).get('/v1/users/me')).body;

test('[ACC-3] a sign-in page learns by which providers one comes in', async () => {
  const { body } = await house.rest.get(`/v1/auth/providers?tenant=${tenant.tid}`);
  expect(body.items).toEqual([
    { providerId: 'company', kind: 'oidc', name: 'Company' },
    { providerId: 'directory', kind: 'ldap', name: 'Directory' },
  ]);
});

describe('[ACC-3] OpenID Connect', () => {
  test('the first sign-in makes a user, later ones find it, and claims give roles', async () => {
    provider.people.set('ann', { name: 'Ann', email: 'Ann@Example.org', email_verified: true, groups: ['staff'] });
    const first = await signIn('ann');
    expect(first.status).toBe(200);
    expect(await me(first.body.token)).toMatchObject({ displayName: 'Ann', role: 'member' });
    provider.people.set('ann', { name: 'Another name', groups: ['chat-admins'] });
    const second = await signIn('ann');
    expect(second.body.userId).toBe(first.body.userId);
    expect(await me(second.body.token)).toMatchObject({ displayName: 'Ann', role: 'admin' });
    const refreshed = await house.rest.post('/v1/auth/refresh', { refreshToken: second.body.refreshToken });
    expect([refreshed.status, refreshed.body.userId]).toEqual([200, first.body.userId]);
  });

  test('of many first sign-ins at once one makes the user', async () => {
    const flows = await Promise.all(Array.from({ length: 5 }, () => begin()));
    const backs = [];
    for (const { url, flow } of flows) backs.push({ flow, query: (await provider.visit(url, 'bob')).search });
    const answers = await Promise.all(backs.map(({ flow, query }) => finish(flow, query)));
    expect(new Set(answers.map(({ body }) => body.userId)).size).toBe(1);
  });

  test('an end is used once, and belongs to its beginning', async () => {
    const [mine, theirs] = [await begin(), await begin()];
    const back = await provider.visit(theirs.url, 'mallory');
    // Somebody is made to finish what another one has begun.
    expect((await finish(mine.flow, back.search)).status).toBe(401);
    expect((await finish(theirs.flow, back.search)).status).toBe(200);
    expect((await finish(theirs.flow, back.search)).status).toBe(401);
    expect((await finish('made up', back.search)).status).toBe(401);
  });

  test('where no users are made a stranger is refused', async () => {
    await addProvider(tenant, 'closed', oidcSettings({ createUsers: false }), CLIENT.client_secret);
    expect((await signIn('stranger', 'closed')).body.code).toBe('forbidden');
  });

  test('somebody whom the directory has provisioned with this address is that user', async () => {
    const key = { authorization: `Bearer ${tenant.apiKey}` };
    const scim = { userName: 'carl@example.org', emails: [{ value: 'carl@example.org', primary: true }] };
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const { body } = await house.rest.with(key).post(['/scim/v2', 'Users'].join('/'), { schemas, ...scim });
    provider.people.set('carl', { email: 'carl@example.org', email_verified: false });
    const unverified = await signIn('carl');
    expect(unverified.body.userId).not.toBe(body.id);
    provider.people.set('carl2', { email: 'Carl@example.org', email_verified: true });
    expect((await signIn('carl2')).body.userId).toBe(body.id);
  });

  test('who is deactivated does not come in', async () => {
    const { body } = await signIn('dan');
    await tenant.backEnd.patch(`/v1/users/${body.userId}`, { deactivated: true });
    expect((await signIn('dan')).status).toBe(403);
  });

  test('an address to come back to that the settings do not name is refused', async () => {
    const request = { tenant: tenant.tid, providerId: 'company', redirectUri: 'https://evil.example.org/' };
    expect((await house.rest.post('/v1/auth/oidc/start', request)).status).toBe(400);
  });
});

describe('[ACC-3] LDAP', () => {
  test('the right password comes in as one user, with the role of an attribute; an address links nobody', async () => {
    const { status, body } = await signInLdap('dora', 'her password');
    expect(status).toBe(200);
    expect(await me(body.token)).toMatchObject({ displayName: 'Dora', role: 'moderator' });
    expect((await signInLdap('DORA', 'her password')).body.userId).toBe(body.userId);
  });

  test('a wrong name and a wrong password are answered alike', async () => {
    const wrong = [await signInLdap('dora', 'wrong'), await signInLdap('nobody', 'wrong')];
    expect(wrong.map(({ status }) => status)).toEqual([401, 401]);
    expect(new Set(wrong.map(({ body }) => body.detail)).size).toBe(1);
  });
});

describe('[ISO-1] another tenant', () => {
  test('has none of these providers, and ends no flow of this one', async () => {
    const other = await createTestTenant(house);
    const request = { tenant: other.tid, providerId: 'company', redirectUri: REDIRECT_URI };
    expect((await house.rest.post('/v1/auth/oidc/start', request)).status).toBe(404);
    expect((await house.operator.patch(`${providersOf(other)}/company`, { secret: null })).status).toBe(404);
    expect((await house.operator.delete(`${providersOf(other)}/company`)).status).toBe(404);
    // The same person of the same provider is another user there.
    await addProvider(other, 'company', oidcSettings(), CLIENT.client_secret);
    const { url, flow } = await begin('company', other);
    const there = await finish(flow, (await provider.visit(url, 'ann')).search);
    expect(there.body.userId).not.toBe((await signIn('ann')).body.userId);
  });

  test('a provider that is switched off or deleted lets nobody in, nor what was begun before', async () => {
    await addProvider(tenant, 'brief', oidcSettings(), CLIENT.client_secret);
    const { url, flow } = await begin('brief');
    const back = await provider.visit(url, 'ann');
    const path = `${providersOf(tenant)}/brief`;
    expect((await house.operator.patch(path, { settings: oidcSettings({ enabled: false }) })).status).toBe(200);
    expect((await finish(flow, back.search)).status).toBe(404);
    expect((await house.operator.delete(path)).status).toBe(204);
    expect((await house.operator.delete(path)).status).toBe(404);
  });
});

test('[COMP-1] who made, changed and linked what is in the audit log, without secrets', async () => {
  const { body } = await house.operator.get(`/admin/v1/tenants/${tenant.tid}/audit?limit=200`);
  const actions = body.items.map(({ action }: { action: string }) => action);
  expect(actions).toEqual(expect.arrayContaining(['create_identity_provider', 'create_user', 'sign_in']));
  expect(JSON.stringify(body)).not.toContain(CLIENT.client_secret);
  const by = { actor: 'identity_provider:company', address: '127.0.0.1' };
  const rows: { action: string; target: string }[] = body.items;
  const { userId } = (await signIn('ann')).body;
  const made = rows.filter(({ action, target }) => action === 'create_user' && target === `user:${userId}`);
  expect(made).toMatchObject([{ ...by, after: { providerId: 'company' } }]);
  const roles = rows.filter(({ action }) => action === 'give_tenant_role');
  expect(roles[0]).toMatchObject({ ...by, before: { role: 'member' }, after: { role: 'admin' } });
  // The name at the provider, also as a hash that whoever knows the name could compute.
  expect(JSON.stringify(body)).not.toMatch(/"subject/);
});

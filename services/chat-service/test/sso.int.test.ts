/** Sign-in by a tenant's own identity providers, over REST, against a real provider and a real directory. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LDAP_SECRET, type LdapServer, startLdapServer } from './ldap-server.ts';
import { lockWaits } from './locks.ts';
import { CLIENT, type OidcServer, startOidcServer } from './oidc-server.ts';
import { REDIRECT_URI } from './sign-in-browser.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { provision } from './scim-client.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let provider: OidcServer;
let directory: LdapServer;

beforeAll(async () => {
  const dora = {
    uid: 'dora',
    cn: 'Dora',
    employeeType: 'staff',
    mail: 'ann@example.org',
    userPassword: 'her password',
  };
  [house, provider, directory] = await Promise.all([startTestService(), startOidcServer(), startLdapServer(dora)]);
  tenant = await createTestTenant(house);
  await addProvider(tenant, 'company', oidcSettings(), CLIENT.client_secret);
  await addProvider(tenant, 'directory', ldapSettings(), LDAP_SECRET);
}, 240_000);
afterAll(async () => {
  await Promise.all([house?.stop(), provider?.stop(), directory?.stop()]);
});

const roles = [{ claim: 'groups', value: 'chat-admins', role: 'admin' }];
const oidcSettings = (more: object = {}) => ({
  ...{ kind: 'oidc', name: 'Company', issuer: provider.issuer, clientId: CLIENT.client_id },
  ...{ redirectUris: [REDIRECT_URI], roles },
  ...more,
});
const ldapSettings = () => ({
  ...directory.settings,
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

const finish = (flow: string, query: string, clientId?: string) =>
  house.rest.post('/v1/auth/oidc/finish', { flow, query, clientId });

/** From the sign-in page to what it gets. */
async function signIn(person: string, providerId = 'company', clientId?: string) {
  const { url, flow } = await begin(providerId);
  const back = await provider.visit(url, person);
  return finish(flow, back.search, clientId);
}

const signInLdap = (username: string, password: string, clientId?: string) =>
  house.rest.post('/v1/auth/ldap', { tenant: tenant.tid, providerId: 'directory', username, password, clientId });

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
    const uid = await provision(house, tenant, 'carl@example.org');
    provider.people.set('carl', { email: 'carl@example.org', email_verified: false });
    const unverified = await signIn('carl');
    expect(unverified.body.userId).not.toBe(uid);
    provider.people.set('carl2', { email: 'Carl@example.org', email_verified: true });
    expect((await signIn('carl2')).body.userId).toBe(uid);
  });

  test('who is deactivated does not come in', async () => {
    const { body } = await signIn('dan', 'company', 'phone');
    await tenant.backEnd.patch(`/v1/users/${body.userId}`, { deactivated: true });
    for (const clientId of ['phone', 'another', undefined]) {
      expect((await signIn('dan', 'company', clientId)).status).toBe(403);
    }
  });

  test('an address that somebody else of the same provider had links nobody', async () => {
    const uid = await provision(house, tenant, 'eve@example.org');
    for (const person of ['eve', 'eve’s successor']) {
      provider.people.set(person, { email: 'eve@example.org', email_verified: true });
    }
    expect((await signIn('eve')).body.userId).toBe(uid);
    const successor = await signIn('eve’s successor');
    expect([successor.status, successor.body.userId === uid]).toEqual([200, false]);
  });

  test('nor does one that somebody has whom another of the same provider was merged into', async () => {
    const uid = await provision(house, tenant, 'fay@example.org');
    const { body: earlier } = await signIn('fay');
    expect((await tenant.backEnd.post(`/v1/users/${earlier.userId}/merge`, { into: uid })).status).toBe(200);
    await vi.waitUntil(async () => (await signIn('fay')).body.userId === uid, 60_000);
    provider.people.set('fay’s successor', { email: 'fay@example.org', email_verified: true });
    const successor = await signIn('fay’s successor');
    expect([successor.status, successor.body.userId === uid]).toEqual([200, false]);
  });

  test('a provider that is deleted while a sign-in is under way leaves nobody to a later one of its id', async () => {
    const sql = database(house);
    await addProvider(tenant, 'former', oidcSettings(), CLIENT.client_secret);
    const { url, flow } = await begin('former');
    const back = await provider.visit(url, 'gil');
    let answer: ReturnType<typeof finish> | undefined;
    await sql.begin(async (tx) => {
      const turn = JSON.stringify([tenant.tid, 'former', 'gil']);
      await tx`select pg_advisory_xact_lock(hashtextextended(${turn}, 0))`;
      answer = finish(flow, back.search);
      await vi.waitUntil(async () => {
        const waiting = await tx`
          select from pg_locks l join pg_database d on d.oid = l.database
          where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`;
        return waiting.length === 1;
      }, 60_000);
      expect((await house.operator.delete(`${providersOf(tenant)}/former`)).status).toBe(204);
      await addProvider(tenant, 'former', oidcSettings({ issuer: 'http://127.0.0.1:1' }), CLIENT.client_secret);
    });
    expect((await answer)?.status).toBe(404);
    expect(await sql`select from external_identities where provider_id = 'former'`).toHaveLength(0);
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

  test('who is deactivated does not come in, with a device that is known either', async () => {
    const { body } = await signInLdap('dora', 'her password', 'phone');
    const change = (deactivated: boolean) => tenant.backEnd.patch(`/v1/users/${body.userId}`, { deactivated });
    await change(true);
    for (const clientId of ['phone', 'another']) {
      expect((await signInLdap('dora', 'her password', clientId)).status).toBe(403);
    }
    await change(false);
    expect((await signInLdap('dora', 'her password', 'phone')).status).toBe(200);
  });

  test('a wrong name and a wrong password are answered alike', async () => {
    const wrong = [await signInLdap('dora', 'wrong'), await signInLdap('nobody', 'wrong')];
    expect(wrong.map(({ status }) => status)).toEqual([401, 401]);
    expect(new Set(wrong.map(({ body }) => body.detail)).size).toBe(1);
  });
});

test('[ACC-3] a sign-in that gives a role and a change of the same user do not wait for each other', async () => {
  const { userId } = (await signInLdap('dora', 'her password')).body;
  const path = `/v1/users/${userId}`;
  await tenant.backEnd.patch(path, { role: 'member' });
  const [sql, other] = [database(house), database(house)];
  const asked = await sql.begin(async (tx) => {
    await tx`select from tenants where id = ${tenant.tid} for no key update`;
    const signIn = signInLdap('dora', 'her password');
    await vi.waitUntil(async () => (await lockWaits(other)) === 1, 60_000);
    const change = tenant.backEnd.patch(path, { role: 'guest', displayName: 'Dora of the staff' });
    await vi.waitUntil(async () => (await lockWaits(other)) === 2, 60_000);
    return { answers: Promise.all([signIn, change]) };
  });
  const [signedIn, changed] = await asked.answers;
  expect([signedIn.status, changed.status]).toEqual([200, 200]);
  expect((await tenant.backEnd.get(path)).body).toMatchObject({ role: 'guest', displayName: 'Dora of the staff' });
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

describe('[ACC-3] a sign-in by a provider', () => {
  const refresh = ({ refreshToken }: { refreshToken: string }) => house.rest.post('/v1/auth/refresh', { refreshToken });
  const statusOf = async ({ token }: { token: string }) =>
    (await house.rest.with({ authorization: `Bearer ${token}` }).get('/v1/users/me')).status;

  test.each<[string, (path: string) => Promise<{ status: number }>]>([
    ['switched off', (path) => house.operator.patch(path, { settings: oidcSettings({ enabled: false }) })],
    ['deleted', (path) => house.operator.delete(path)],
  ])('ends with its tokens when the provider is %s, and no other does', async (how, end) => {
    const providerId = how.replace(' ', '-');
    await addProvider(tenant, providerId, oidcSettings(), CLIENT.client_secret);
    const [one, two] = [await signIn('ann', providerId, 'one'), await signIn('ann', providerId, 'two')];
    const other = await signIn('ann', 'company', 'other');
    // Of the same device, by another provider since.
    const [before, since] = [await signIn('bob', providerId, 'own'), await signIn('bob', 'company', 'own')];
    expect(new Set([one, two, other, before, since].map(({ status }) => status))).toEqual(new Set([200]));
    expect((await end(`${providersOf(tenant)}/${providerId}`)).status).toBeLessThan(300);
    await expect.poll(() => statusOf(one.body), { timeout: 60_000 }).toBe(401);
    await expect.poll(() => statusOf(two.body), { timeout: 60_000 }).toBe(401);
    expect([(await refresh(one.body)).status, (await refresh(two.body)).status]).toEqual([401, 401]);
    expect([await statusOf(other.body), (await refresh(other.body)).status]).toEqual([200, 200]);
    expect((await refresh(since.body)).status).toBe(200);
  });

  test('ends though the device of another was revoked, which goes on by another way, or its user is being erased', async () => {
    const sql = database(house);
    await addProvider(tenant, 'last', oidcSettings(), CLIENT.client_secret);
    const { body: gone } = await signIn('hal', 'last');
    await sql`update users set status = 'deleted' where id = ${gone.userId}`;
    const { body: one } = await signIn('ann', 'last', 'one');
    const { body: revoked } = await signIn('ida', 'last', 'tablet');
    const own = house.rest.with({ authorization: `Bearer ${revoked.token}` });
    expect((await own.delete('/v1/devices/tablet')).status).toBe(204);
    const { body: minted } = await tenant.backEnd.post('/v1/tokens', { user: revoked.userId, clientId: 'tablet' });
    expect((await house.operator.delete(`${providersOf(tenant)}/last`)).status).toBe(204);
    await expect.poll(() => statusOf(one), { timeout: 60_000 }).toBe(401);
    expect(await sql`select from sign_ins where provider_id = 'last'`).toHaveLength(0);
    expect(await statusOf(minted)).toBe(200);
  });

  test('[TNT-9] that the tenant keeps ends when the user becomes an owner, and no other does', async () => {
    await addProvider(tenant, 'own', oidcSettings(), CLIENT.client_secret);
    const [{ body: own }, { body: beside }] = [await signIn('kim', 'own'), await signIn('lea', 'own')];
    const { body: minted } = await tenant.backEnd.post('/v1/tokens', { user: own.userId, clientId: 'minted' });
    await database(house)`update identity_providers set kept_by = 'tenant' where id = 'own'`;
    expect(await Promise.all([own, beside, minted].map(statusOf))).toEqual([200, 200, 200]);
    expect((await tenant.backEnd.patch(`/v1/users/${own.userId}`, { role: 'owner' })).status).toBe(200);
    await expect.poll(() => statusOf(own), { timeout: 60_000 }).toBe(401);
    expect((await refresh(own)).status).toBe(401);
    expect([await statusOf(beside), (await refresh(beside)).status, await statusOf(minted)]).toEqual([200, 200, 200]);
  });

  test('ends 30 days after it began, however often it is refreshed', async () => {
    const sql = database(house);
    const { body } = await signIn('ann', 'company', 'old');
    await sql`
      update sign_ins set signed_in_at = now() - interval '29 days'
      where user_id = ${body.userId} and client_id = 'old'`;
    await sql`update identity_providers set created_at = now() - interval '30 days' where id = 'company'`;
    expect((await refresh(body)).status).toBe(200);
    const rows = await sql`
      select expires_at = signed_in_at + interval '30 days' as bounded from sign_ins
      where user_id = ${body.userId} and client_id = 'old'`;
    expect(rows).toEqual([{ bounded: true }]);
  });
});

describe('[ACC-3] what subjects mean', () => {
  test.each<[string, string, () => object]>([
    ['company', 'issuer', () => oidcSettings({ issuer: 'http://127.0.0.1:1' })],
    ['directory', 'url', () => ({ ...ldapSettings(), url: 'ldap://127.0.0.1:1' })],
    ['directory', 'baseDn', () => ({ ...ldapSettings(), baseDn: `ou=others,${directory.settings.baseDn}` })],
    ['directory', 'idAttribute', () => ({ ...ldapSettings(), idAttribute: 'uid' })],
    ['company', 'kind', () => ldapSettings()],
  ])('does not change: of %s the %s', async (providerId, name, settings) => {
    const path = `${providersOf(tenant)}/${providerId}`;
    const { status, body } = await house.operator.patch(path, { settings: settings() });
    expect([status, body.detail]).toEqual([400, expect.stringContaining('make a new provider')]);
    expect(body.errors).toContainEqual(expect.objectContaining({ path: `settings.${name}` }));
  });

  test('while other settings do', async () => {
    const path = `${providersOf(tenant)}/directory`;
    expect((await house.operator.patch(path, { settings: { ...ldapSettings(), name: 'Directory' } })).status).toBe(200);
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

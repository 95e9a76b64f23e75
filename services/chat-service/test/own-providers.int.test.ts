/** Identity providers and SCIM as a tenant's own admins keep them, and what the providers of a tenant reach (ACC-3, TNT-1, TNT-9). */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { OidcSettings } from '@messagecore/protocol/features';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { letsIn } from '../src/features/sso/lets-in.ts';
import { linkIdentity } from '../src/features/sso/link-identity.ts';
import { openStore } from '../src/platform/database/connect.ts';
import type { RestClient } from './client.ts';
import { LDAP_SECRET, type LdapServer, startLdapServer } from './ldap-server.ts';
import { CLIENT, type OidcServer, startOidcServer } from './oidc-server.ts';
import { REDIRECT_URI } from './sign-in-browser.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

/** Reaches 127.0.0.0/8, where all providers of these tests are. */
let house: TestService;
let tenant: TestTenant;
let boss: TestUser;
let oidc: OidcServer;
let directory: LdapServer;

beforeAll(async () => {
  const ann = { uid: 'ann', userPassword: 'her password' };
  [house, oidc, directory] = await Promise.all([startTestService(), startOidcServer(), startLdapServer(ann)]);
  tenant = await createTestTenant(house);
  boss = await tenant.user('boss');
  await tenant.backEnd.patch(`/v1/users/${boss.uid}`, { role: 'admin' });
}, 240_000);
afterAll(async () => {
  await Promise.all([house?.stop(), oidc?.stop(), directory?.stop()]);
});

const OWN = '/v1/tenant/identity-providers';
const ofOperator = () => `/admin/v1/tenants/${tenant.tid}/identity-providers`;
const settingsAt = (issuer: string, more: object = {}) => ({
  ...{ kind: 'oidc', name: 'Company', issuer, clientId: CLIENT.client_id, redirectUris: [REDIRECT_URI] },
  ...more,
});
const PUBLIC = settingsAt('https://id.example.org');

const byTenant = (providerId: string, settings: object, secret?: string) =>
  boss.post(OWN, { providerId, settings, secret });
const byOperator = (providerId: string, settings: object, secret?: string) =>
  house.operator.post(ofOperator(), { providerId, settings, secret });
const start = (providerId: string) =>
  house.rest.post('/v1/auth/oidc/start', { tenant: tenant.tid, providerId, redirectUri: REDIRECT_URI });
const signInLdap = (providerId: string) =>
  house.rest.post('/v1/auth/ldap', { tenant: tenant.tid, providerId, username: 'ann', password: 'her password' });

test('[TNT-1] admins and the back end keep providers, and the log says who and from where, without secrets', async () => {
  const settings = settingsAt('https://id.example.org', { name: 'Renamed' });
  const askers: [RestClient, string][] = [
    [boss, `user:${boss.uid}`],
    [tenant.backEnd, expect.stringMatching(/^backend:/)],
  ];
  for (const [asker, actor] of askers) {
    const one = `${OWN}/kept`;
    const made = await asker.post(OWN, { providerId: 'kept', settings: PUBLIC, secret: 'a secret' });
    expect([made.status, made.body.keptBy, made.body.hasSecret]).toEqual([201, 'tenant', true]);
    expect((await asker.get(OWN)).body.items).toContainEqual(made.body);
    expect((await asker.get(one)).body).toEqual(made.body);
    expect((await asker.patch(one, { settings, secret: 'another secret' })).body.settings.name).toBe('Renamed');
    expect((await asker.delete(one)).status).toBe(204);
    expect((await asker.get(one)).status).toBe(404);
    const target = 'identity_provider:kept';
    const rows = (await asker.get(`/v1/tenant/audit?limit=100&target=${target}`)).body.items.slice(-3);
    expect(rows).toMatchObject(
      ['create', 'update', 'delete'].map((verb) => ({
        ...{ action: `${verb}_identity_provider`, actor, address: '127.0.0.1', target },
      })),
    );
    expect(JSON.stringify(rows)).not.toMatch(/a secret|another secret/);
  }
});

test('[TNT-1] nobody else does', async () => {
  await byTenant('guarded', PUBLIC);
  const [member, moderator] = [await tenant.user('member'), await tenant.user('moderator')];
  await tenant.backEnd.patch(`/v1/users/${moderator.uid}`, { role: 'moderator' });
  const scopes = ['users:read', 'users:write', 'tokens:write'];
  const { apiKey } = (await house.operator.post(`/admin/v1/tenants/${tenant.tid}/keys`, { scopes })).body;
  const key = house.rest.with({ 'x-api-key': apiKey });
  for (const asker of [member, moderator, key, key.with({ 'x-on-behalf-of': boss.uid })]) {
    const answers = await Promise.all([
      asker.get(OWN),
      asker.get(`${OWN}/guarded`),
      asker.post(OWN, { providerId: 'another', settings: PUBLIC }),
      asker.patch(`${OWN}/guarded`, { secret: null }),
      asker.delete(`${OWN}/guarded`),
      asker.get('/v1/tenant/scim'),
      asker.put('/v1/tenant/scim', { roles: [] }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
  }
});

test('[ACC-3] rules make nobody an owner', async () => {
  const roles = [{ claim: 'groups', value: 'all', role: 'owner' }];
  expect((await byTenant('owners', settingsAt('https://id.example.org', { roles }))).status).toBe(400);
  expect((await boss.put('/v1/tenant/scim', { roles: [{ group: 'All', role: 'owner' }] })).status).toBe(400);
});

describe('[TNT-9] a provider that the operator keeps', () => {
  test('is read by the tenant, and neither changed nor deleted', async () => {
    const made = await byOperator('entrusted', settingsAt(oidc.issuer), CLIENT.client_secret);
    expect(made.body.keptBy).toBe('operator');
    const one = `${OWN}/entrusted`;
    expect((await boss.get(one)).body).toEqual(made.body);
    for (const asker of [boss, tenant.backEnd]) {
      const changes = [{ secret: null }, { settings: settingsAt(oidc.issuer, { enabled: false }) }];
      for (const change of changes) expect((await asker.patch(one, change)).body.code).toBe('forbidden');
      expect((await asker.delete(one)).body.code).toBe('forbidden');
    }
    expect((await boss.get(one)).body).toEqual(made.body);
    expect((await start('entrusted')).status).toBe(200);
  });
});

describe('[TNT-9] a provider that the tenant keeps', () => {
  test('stays the tenant’s when the operator changes it', async () => {
    await byTenant('helped', PUBLIC);
    const one = `${ofOperator()}/helped`;
    const settings = settingsAt('https://id.example.org', { name: 'Helped' });
    expect((await house.operator.patch(one, { settings })).body).toMatchObject({ keptBy: 'tenant', settings });
    expect((await house.operator.delete(one)).status).toBe(204);
  });

  test('is not asked without TLS, whatever the exemptions say', async () => {
    const plain = [
      { ...directory.settings, url: 'ldap://directory.example.org', startTls: true },
      settingsAt(oidc.issuer),
      settingsAt('http://id.example.org'),
      directory.settings,
      { ...directory.settings, url: 'ldap://directory.example.org' },
    ];
    for (const [n, settings] of plain.entries()) {
      expect((await byOperator(`plain-${n}`, settings)).status).toBe(201);
      const { status, body } = await byTenant(`own-plain-${n}`, settings);
      expect([status, body.detail]).toEqual([400, expect.stringContaining('encrypted')]);
    }
    await byTenant('encrypted', { ...directory.settings, url: 'ldaps://directory.example.org', startTls: true });
    const change = { settings: { ...directory.settings, url: 'ldap://directory.example.org', startTls: true } };
    for (const path of [`${OWN}/encrypted`, `${ofOperator()}/encrypted`]) {
      const asker = path.startsWith(OWN) ? boss : house.operator;
      expect((await asker.patch(path, change)).status).toBe(400);
    }
  });

  test.each<[string, (port: number) => object, (id: string) => Promise<{ status: number }>]>([
    ['OpenID Connect', (port) => settingsAt(`https://127.0.0.1:${port}`), start],
    ['OpenID Connect by name', (port) => settingsAt(`https://localhost:${port}`), start],
    ['LDAP', (port) => ({ ...directory.settings, url: `ldaps://127.0.0.1:${port}` }), signInLdap],
    ['LDAP by name', (port) => ({ ...directory.settings, url: `ldaps://localhost:${port}` }), signInLdap],
  ])('does not reach a network that is exempt, the operator’s does: %s', async (name, settings, ask) => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => {}).destroy();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const id = name.toLowerCase().replaceAll(' ', '-');
    expect((await byTenant(`own-${id}`, settings(port))).status).toBe(201);
    expect((await ask(`own-${id}`)).status).toBe(503);
    expect(connections).toBe(0);
    expect((await byOperator(`its-${id}`, settings(port))).status).toBe(201);
    expect((await ask(`its-${id}`)).status).toBe(503);
    expect(connections).toBeGreaterThan(0);
    for (const made of [`own-${id}`, `its-${id}`]) await house.operator.delete(`${ofOperator()}/${made}`);
  });

  test('is asked by its keeper’s way though the operator’s of the same id and settings was known', async () => {
    await byOperator('company', settingsAt(oidc.issuer), CLIENT.client_secret);
    await byOperator('directory', directory.settings, LDAP_SECRET);
    const statuses = async () => [(await start('company')).status, (await signInLdap('directory')).status];
    expect(await statuses()).toEqual([200, 200]);
    await database(house)`update identity_providers set kept_by = 'tenant' where id in ('company', 'directory')`;
    expect(await statuses()).toEqual([503, 503]);
  });

  test.each([
    ['tenant', 'owner', 'forbidden'],
    ['tenant', 'admin', 'linked'],
    ['operator', 'owner', 'linked'],
  ] as const)('of the %s: an %s whose address it vouches for is %s', async (keptBy, role, expected) => {
    const id = `vouching-${keptBy}-${role}`;
    expect((await (keptBy === 'tenant' ? byTenant : byOperator)(id, PUBLIC)).status).toBe(201);
    const store = openStore({ url: house.config.databaseUrl, poolSize: 1 });
    onTestFinished(() => store.close());
    const { uid } = await tenant.user(id);
    await tenant.backEnd.patch(`/v1/users/${uid}`, { role });
    const provider = { tid: tenant.tid, id, settings: OidcSettings.parse(PUBLIC), secret: undefined, keptBy };
    const person = { subject: 'somebody', displayName: undefined, verifiedEmail: `${id}@example.org`, role: undefined };
    const createUser = () => Promise.reject(new Error('is there'));
    const deps = { sql: store.sql, createUser, userOfVerifiedEmail: async () => uid };
    const linked = await linkIdentity(deps, provider, person, '').catch(({ code }: { code: string }) => code);
    expect(linked).toBe(expected === 'linked' ? uid : 'forbidden');
  });

  test.each(['known', 'merged'] as const)('lets no owner in whom it knew before: %s', async (how) => {
    const id = `knowing-${how}`;
    expect((await byTenant(id, PUBLIC)).status).toBe(201);
    const store = openStore({ url: house.config.databaseUrl, poolSize: 1 });
    onTestFinished(() => store.close());
    const [{ uid }, into] = [await tenant.user(id), await tenant.user(`${id}-into`)];
    const provider = { tid: tenant.tid, id, settings: OidcSettings.parse(PUBLIC), secret: undefined };
    const person = { subject: 'somebody', displayName: undefined, verifiedEmail: `${id}@example.org`, role: undefined };
    const createUser = () => Promise.reject(new Error('is there'));
    const deps = { sql: store.sql, createUser, userOfVerifiedEmail: async () => uid };
    const signIn = (keptBy: 'tenant' | 'operator') =>
      linkIdentity(deps, { ...provider, keptBy }, person, '').catch(({ code }: { code: string }) => code);
    expect(await signIn('tenant')).toBe(uid);
    const owner = how === 'known' ? uid : into.uid;
    if (how === 'merged') await store.sql`update users set merged_into = ${owner} where id = ${uid}`;
    expect(await signIn('tenant')).toBe(owner);
    await tenant.backEnd.patch(`/v1/users/${owner}`, { role: 'owner' });
    expect([await signIn('tenant'), await signIn('operator')]).toEqual(['forbidden', owner]);
    // Who became an owner after their identity was looked at.
    const check = (keptBy: 'tenant' | 'operator') => store.sql.begin(letsIn({ ...provider, keptBy }, owner));
    await expect(check('tenant')).rejects.toMatchObject({ code: 'forbidden' });
    await check('operator');
  });

  test('counts with the operator’s', async () => {
    const other = await createTestTenant(house);
    const post = (n: number) => other.backEnd.post(OWN, { providerId: `p-${n}`, settings: PUBLIC });
    for (let n = 0; n < 20; n += 1) expect((await post(n)).status).toBe(201);
    expect((await post(20)).status).toBe(409);
  });
});

test('[ACC-3] [COMP-1] admins say which groups give which roles, which is logged and is their tenant’s alone', async () => {
  const [path, roles] = ['/v1/tenant/scim', [{ group: 'Chat Admins', role: 'admin' }]];
  expect((await boss.put(path, { roles })).body).toEqual({ roles });
  expect((await tenant.backEnd.get(path)).body).toEqual({ roles });
  expect((await house.operator.get(`/admin/v1/tenants/${tenant.tid}/scim`)).body).toEqual({ roles });
  const other = await createTestTenant(house);
  expect((await other.backEnd.get(path)).body).toEqual({ roles: [] });
  const log = await boss.get('/v1/tenant/audit?limit=100&action=update_scim');
  expect(log.body.items).toMatchObject([
    { actor: `user:${boss.uid}`, address: '127.0.0.1', before: { roles: [] }, after: { roles } },
  ]);
});

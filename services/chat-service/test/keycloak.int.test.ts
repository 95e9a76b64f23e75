/** Sign-in by a real Keycloak, and by an LDAP directory that it federates. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer, startSlapd } from '@messagecore/dev-servers';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findKeycloak, type Keycloak, startKeycloak } from './keycloak-server.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { provision } from './scim-client.ts';
import { REDIRECT_URI } from './sign-in-browser.ts';
import { startTestService, type TestService } from './service.ts';

const SUFFIX = 'dc=example,dc=org';
const DIRECTORY_PASSWORD = 'secret';
const CLIENT = { clientId: 'messagecore', secret: 'a secret of the client' };
const REALM = 'company';
const PASSWORD = 'a password of Keycloak';

const found = await findKeycloak();
const program = 'program' in found ? found.program : undefined;
const leftOut = 'missing' in found ? ` (left out: ${found.missing})` : '';

describe.skipIf(program === undefined)(`[ACC-3] Keycloak${leftOut}`, { timeout: 240_000 }, () => {
  let house: TestService;
  let tenant: TestTenant;
  let keycloak: Keycloak;
  let slapd: DevServer;
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'messagecore-keycloak-'));
    [house, keycloak, slapd] = await Promise.all([
      startTestService(),
      startKeycloak(program ?? '', dir),
      startSlapd({
        ...{ dataDir: join(dir, 'slapd'), log: () => {} },
        ...{ suffix: SUFFIX, adminPassword: DIRECTORY_PASSWORD },
      }),
    ]);
    tenant = await createTestTenant(house);
    await makeRealm(keycloak);
    await fillDirectory(slapd.url);
    await federate(keycloak, slapd.url);
    await addProvider();
  }, 360_000);
  afterAll(async () => {
    await Promise.all([house?.stop(), keycloak?.stop(), slapd?.stop()]);
    await rm(dir, { recursive: true, force: true });
  });

  async function addProvider(): Promise<void> {
    const settings = {
      ...{ kind: 'oidc', name: 'Keycloak', issuer: `${keycloak.url}/realms/${REALM}`, clientId: CLIENT.clientId },
      redirectUris: [REDIRECT_URI],
      roles: [
        { claim: 'groups', value: 'chat-admins', role: 'admin' },
        { claim: 'groups', value: 'chat-moderators', role: 'moderator' },
      ],
    };
    const path = `/admin/v1/tenants/${tenant.tid}/identity-providers`;
    const made = { providerId: 'keycloak', settings, secret: CLIENT.secret };
    expect((await house.operator.post(path, made)).status).toBe(201);
  }

  async function signIn(username: string, password = PASSWORD) {
    const request = { tenant: tenant.tid, providerId: 'keycloak', redirectUri: REDIRECT_URI };
    const { status, body } = await house.rest.post('/v1/auth/oidc/start', request);
    expect(status).toBe(200);
    const back = await keycloak.visit(body.url, REDIRECT_URI, username, password);
    return house.rest.post('/v1/auth/oidc/finish', { flow: body.flow, query: back.search });
  }
  const me = async ({ token }: { token: string }) =>
    (await house.rest.with({ authorization: `Bearer ${token}` }).get('/v1/users/me')).body;
  const idOf = async (username: string): Promise<string> =>
    (await keycloak.admin('GET', `/${REALM}/users?exact=true&username=${username}`)).body[0].id;
  const groupOf = async (name: string): Promise<string> =>
    (await keycloak.admin('GET', `/${REALM}/groups?exact=true&search=${name}`)).body[0].id;

  test('who signs in is a user with its name, and its groups give roles', async () => {
    const first = await signIn('ann');
    expect(first.status).toBe(200);
    expect(await me(first.body)).toMatchObject({ displayName: 'Ann Example', role: 'admin' });
    const refreshed = await house.rest.post('/v1/auth/refresh', { refreshToken: first.body.refreshToken });
    expect([refreshed.status, refreshed.body.userId]).toEqual([200, first.body.userId]);

    const ann = `/${REALM}/users/${await idOf('ann')}/groups`;
    await keycloak.admin('DELETE', `${ann}/${await groupOf('chat-admins')}`);
    await keycloak.admin('PUT', `${ann}/${await groupOf('chat-moderators')}`);
    const second = await signIn('ann');
    expect(second.body.userId).toBe(first.body.userId);
    expect(await me(second.body)).toMatchObject({ displayName: 'Ann Example', role: 'moderator' });
  });

  test('a verified address links to the user whom the directory has provisioned, another one does not', async () => {
    const [verified, other] = [
      await provision(house, tenant, 'vera@example.org'),
      await provision(house, tenant, 'uwe@example.org'),
    ];
    expect((await signIn('vera')).body.userId).toBe(verified);
    const unverified = await signIn('uwe');
    expect([unverified.status, unverified.body.userId === other]).toEqual([200, false]);
    // Verified later: a subject that is known stays who it is.
    await keycloak.admin('PUT', `/${REALM}/users/${await idOf('uwe')}`, { emailVerified: true });
    expect((await signIn('uwe')).body.userId).toBe(unverified.body.userId);
  });

  test('who is disabled there, or has a wrong password, does not come back', async () => {
    await expect(signIn('bob', 'wrong')).rejects.toThrow(/Invalid username or password/);
    expect((await signIn('bob')).status).toBe(200);
    await keycloak.admin('PUT', `/${REALM}/users/${await idOf('bob')}`, { enabled: false });
    await expect(signIn('bob')).rejects.toThrow(/Account is disabled/);
  });

  test('who is disabled between the sign-in there and its end here is refused', async () => {
    const request = { tenant: tenant.tid, providerId: 'keycloak', redirectUri: REDIRECT_URI };
    const { url, flow } = (await house.rest.post('/v1/auth/oidc/start', request)).body;
    const back = await keycloak.visit(url, REDIRECT_URI, 'carl', PASSWORD);
    await keycloak.admin('PUT', `/${REALM}/users/${await idOf('carl')}`, { enabled: false });
    const { status } = await house.rest.post('/v1/auth/oidc/finish', { flow, query: back.search });
    expect(status).toBe(401);
  });

  test('keys that are rotated are taken at once', async () => {
    expect((await signIn('dan')).status).toBe(200);
    const isOfKeys = 'type=org.keycloak.keys.KeyProvider';
    const before = (await keycloak.admin('GET', `/${REALM}/components?${isOfKeys}`)).body as Component[];
    const [old] = before.filter(({ providerId }) => providerId === 'rsa-generated');
    await keycloak.admin('POST', `/${REALM}/components`, {
      ...{ name: 'rotated', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider' },
      config: { priority: ['200'], enabled: ['true'], active: ['true'], algorithm: ['RS256'] },
    });
    await keycloak.admin('DELETE', `/${REALM}/components/${old?.id}`);
    expect((await signIn('dan')).status).toBe(200);
  });

  test('somebody of a federated LDAP directory signs in with the password and the groups that the directory has', async () => {
    const provisioned = await provision(house, tenant, 'lena@example.org');
    await expect(signIn('lena', 'wrong')).rejects.toThrow(/Invalid username or password/);
    const { status, body } = await signIn('lena', 'lena’s password');
    expect(status).toBe(200);
    expect(await me(body)).toMatchObject({ displayName: 'Lena 莉娜 Directory', role: 'moderator' });
    // Keycloak does not vouch for addresses of a directory unless it is told to.
    expect(body.userId).not.toBe(provisioned);
    expect((await signIn('lena', 'lena’s password')).body.userId).toBe(body.userId);
  });

  test('it vouches for addresses of a federated directory where it trusts them', async () => {
    const [directory] = (await keycloak.admin('GET', `/${REALM}/components?name=directory`)).body;
    const trusted = { ...directory, config: { ...directory.config, trustEmail: ['true'] } };
    await keycloak.admin('PUT', `/${REALM}/components/${directory.id}`, trusted);
    const provisioned = await provision(house, tenant, 'nora@example.org');
    expect((await signIn('nora', 'nora’s password')).body.userId).toBe(provisioned);
  });
});

interface Component {
  readonly id: string;
  readonly providerId: string;
}

async function makeRealm(keycloak: Keycloak): Promise<void> {
  const person = (username: string, firstName: string, more: object = {}) => ({
    ...{ username, firstName, lastName: 'Example', email: `${username}@example.org`, enabled: true },
    credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
    ...more,
  });
  await keycloak.admin('POST', '', {
    ...{ realm: REALM, enabled: true },
    clients: [
      {
        ...{ ...CLIENT, publicClient: false, standardFlowEnabled: true, directAccessGrantsEnabled: false },
        redirectUris: [REDIRECT_URI],
        attributes: { 'pkce.code.challenge.method': 'S256' },
        protocolMappers: [
          {
            ...{ name: 'groups', protocol: 'openid-connect', protocolMapper: 'oidc-group-membership-mapper' },
            config: { 'claim.name': 'groups', 'full.path': 'false', 'id.token.claim': 'true' },
          },
        ],
      },
    ],
    groups: [{ name: 'chat-admins' }, { name: 'chat-moderators' }],
    users: [
      person('ann', 'Ann', { groups: ['/chat-admins'] }),
      person('vera', 'Vera', { emailVerified: true }),
      ...[person('uwe', 'Uwe'), person('bob', 'Bob'), person('carl', 'Carl'), person('dan', 'Dan')],
    ],
  });
}

async function fillDirectory(url: string): Promise<void> {
  const client = new Client({ url });
  await client.bind(`cn=admin,${SUFFIX}`, DIRECTORY_PASSWORD);
  await client.add(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' });
  for (const ou of ['people', 'groups']) {
    await client.add(`ou=${ou},${SUFFIX}`, { objectClass: 'organizationalUnit', ou });
  }
  for (const [uid, cn] of [
    ['lena', 'Lena 莉娜'],
    ['nora', 'Nora'],
  ] as const) {
    await client.add(`uid=${uid},ou=people,${SUFFIX}`, {
      ...{ objectClass: 'inetOrgPerson', uid, cn, sn: 'Directory' },
      ...{ mail: `${uid}@example.org`, userPassword: `${uid}’s password` },
    });
  }
  await client.add(`cn=chat-moderators,ou=groups,${SUFFIX}`, {
    ...{ objectClass: 'groupOfNames', cn: 'chat-moderators', member: `uid=lena,ou=people,${SUFFIX}` },
  });
  await client.unbind();
}

/** Users of the directory sign in at Keycloak, and are members of its groups. */
async function federate(keycloak: Keycloak, url: string): Promise<void> {
  const add = async (component: object, config: Readonly<Record<string, string>>) => {
    const values = Object.fromEntries(Object.entries(config).map(([name, value]) => [name, [value]]));
    const { headers } = await keycloak.admin('POST', `/${REALM}/components`, { ...component, config: values });
    return headers.get('location')?.split('/').at(-1);
  };
  const parentId = await add(
    { name: 'directory', providerId: 'ldap', providerType: 'org.keycloak.storage.UserStorageProvider' },
    {
      ...{ enabled: 'true', vendor: 'other', editMode: 'READ_ONLY', importEnabled: 'true', connectionUrl: url },
      ...{ authType: 'simple', bindDn: `cn=admin,${SUFFIX}`, bindCredential: DIRECTORY_PASSWORD },
      ...{ usersDn: `ou=people,${SUFFIX}`, userObjectClasses: 'inetOrgPerson', searchScope: '1' },
      ...{ usernameLDAPAttribute: 'uid', rdnLDAPAttribute: 'uid', uuidLDAPAttribute: 'entryUUID' },
    },
  );
  await add(
    {
      ...{ name: 'groups', providerId: 'group-ldap-mapper', parentId },
      providerType: 'org.keycloak.storage.ldap.mappers.LDAPStorageMapper',
    },
    {
      ...{ 'groups.dn': `ou=groups,${SUFFIX}`, 'group.object.classes': 'groupOfNames', mode: 'READ_ONLY' },
      ...{ 'group.name.ldap.attribute': 'cn', 'membership.ldap.attribute': 'member' },
      ...{ 'membership.attribute.type': 'DN', 'membership.user.ldap.attribute': 'uid' },
      ...{ 'preserve.group.inheritance': 'false', 'ignore.missing.groups': 'false' },
      'user.roles.retrieve.strategy': 'LOAD_GROUPS_BY_MEMBER_ATTRIBUTE',
    },
  );
}

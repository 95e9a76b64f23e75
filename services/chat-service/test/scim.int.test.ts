/** Provisioning by a directory. The requests are those that Entra ID and Okta document, and that scim2-cli 0.6.0 makes, their quirks included. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestTenant, type TestTenant } from './people.ts';
import { askScim, group, GROUP, PATCH, person, USER } from './scim-client.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

const scim = (method: string, path: string, body?: object, key = tenant.apiKey) =>
  askScim(house, { method, path, body, key });
const added = async (more: object = {}) => (await scim('POST', 'Users', { ...person(), ...more })).body;
const patch = (path: string, ...operations: object[]) =>
  scim('PATCH', path, { schemas: [PATCH], Operations: operations });
const user = async (id: string) => (await tenant.backEnd.get(`/v1/users/${id}`)).body;

describe('[ACC-3] users', () => {
  test('are made, read, listed and found by name', async () => {
    const made = await scim('POST', 'Users', person('Ann@Example.org'));
    expect([made.status, made.type]).toEqual([201, 'application/scim+json; charset=utf-8']);
    expect(made.body).toMatchObject({
      schemas: [USER],
      userName: 'Ann@Example.org',
      active: true,
      meta: { resourceType: 'User', location: ['/scim/v2', 'Users', made.body.id].join('/') },
    });
    expect(made.location).toBe(made.body.meta.location);
    expect(JSON.stringify(made.body)).not.toContain('1mz050nq');
    expect(await user(made.body.id)).toMatchObject({ displayName: 'Test User', role: 'member', deactivated: false });
    expect((await scim('GET', `Users/${made.body.id}`)).body).toEqual(made.body);
    const filter = encodeURIComponent('userName eq "ann@example.org"');
    const found = await scim('GET', `Users?filter=${filter}&startIndex=1&count=100`);
    expect(found.body).toMatchObject({
      totalResults: 1,
      startIndex: 1,
      itemsPerPage: 1,
      Resources: [{ id: made.body.id }],
    });
  });

  test('of one name there is one, in either case', async () => {
    const { userName } = await added();
    const again = await scim('POST', 'Users', person(userName.toUpperCase()));
    expect([again.status, again.body.scimType]).toEqual([409, 'uniqueness']);
  });

  test('are filtered and paged', async () => {
    const [first, second] = [await added({ title: 'Engineer' }), await added({ title: 'engineer of bridges' })];
    const list = async (filter: string, more = '') =>
      (await scim('GET', `Users?filter=${encodeURIComponent(filter)}${more}`)).body;
    const both = await list('title sw "Eng" and active eq true');
    expect(both.Resources.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining([first.id]));
    const page = await list('emails.value co "@example.org"', '&startIndex=2&count=1');
    expect(page).toMatchObject({ startIndex: 2, itemsPerPage: 1 });
    expect(page.totalResults).toBeGreaterThan(2);
    expect(second.title).toBe('engineer of bridges');
  });

  test('are replaced, by Okta, and renamed with it', async () => {
    const { id, ...body } = await added();
    const put = await scim('PUT', `Users/${id}`, { ...body, id, displayName: 'Another Name', active: true });
    expect([put.status, put.body.displayName]).toEqual([200, 'Another Name']);
    expect((await user(id)).displayName).toBe('Another Name');
  });

  test.each<[string, object[]]>([
    ['Okta', [{ op: 'replace', value: { active: false } }]],
    ['Entra ID', [{ op: 'Replace', path: 'active', value: false }]],
    ['Entra ID as it was', [{ op: 'Replace', path: 'active', value: 'False' }]],
  ])('[CONV-5] that %s deactivates are let in no more, at once', async (_, operations) => {
    const { id } = await added();
    const minted = async () => tenant.backEnd.post('/v1/tokens', { user: id });
    const { token } = (await minted()).body;
    const patched = await patch(`Users/${id}`, ...operations);
    expect([patched.status, patched.body.active]).toEqual([200, false]);
    const own = house.rest.with({ authorization: `Bearer ${token}` });
    expect((await own.get('/v1/users/me')).status).toBe(403);
    expect((await minted()).status).toBe(403);
    await patch(`Users/${id}`, { op: 'replace', path: 'active', value: true });
    expect((await minted()).status).toBe(201);
    expect((await own.get('/v1/users/me')).status).toBe(401);
  });

  test('attributes are changed one by one', async () => {
    const { id } = await added();
    const { body } = await patch(
      `Users/${id}`,
      { op: 'replace', path: 'displayName', value: 'New' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'new@example.org' },
      { op: 'add', path: 'name.familyName', value: 'Family' },
      { op: 'remove', path: 'locale' },
    );
    expect(body).toMatchObject({
      displayName: 'New',
      emails: [{ value: 'new@example.org', type: 'work' }],
      name: { givenName: 'Test', familyName: 'Family' },
    });
    expect(body).not.toHaveProperty('locale');
  });

  test('have roles and certificates of any type, as the standard suggests none', async () => {
    const roles = [{ value: 'engineer', type: 'of the trade' }];
    const x509Certificates = [{ value: 'MIIB', type: 'signing' }];
    const { status, body } = await scim('POST', 'Users', { ...person(), roles, x509Certificates });
    expect([status, body.roles, body.x509Certificates]).toEqual([201, roles, x509Certificates]);
  });

  test('are told with the attributes that are asked for', async () => {
    const { id, userName } = await added();
    const filter = encodeURIComponent(`userName eq "${userName}"`);
    const schemas = [USER];
    const only = { schemas, id, userName };
    for (const attributes of ['userName', 'USERNAME', `${USER}:userName`]) {
      expect((await scim('GET', `Users/${id}?attributes=${attributes}`)).body).toEqual(only);
    }
    expect((await scim('GET', `Users?filter=${filter}&attributes=userName`)).body.Resources).toEqual([only]);
    const { body } = await scim('GET', `Users/${id}?excludedAttributes=id,emails,name.familyName`);
    expect(body).toMatchObject({ schemas, id, userName, name: { givenName: 'Test' }, meta: { resourceType: 'User' } });
    expect([body.emails, body.name.familyName]).toEqual([undefined, undefined]);
    const renamed = { schemas: [PATCH], Operations: [{ op: 'replace', path: 'title', value: 'Engineer' }] };
    const patched = await scim('PATCH', `Users/${id}?attributes=title`, renamed);
    expect(patched.body).toEqual({ schemas, id, title: 'Engineer' });
    expect((await scim('GET', `Users/${id}?attributes=${encodeURIComponent('userName pr or id')}`)).status).toBe(400);
  });

  test('that are deleted are gone from the directory, and deactivated', async () => {
    const { id } = await added();
    expect((await scim('DELETE', `Users/${id}`)).status).toBe(204);
    expect((await scim('GET', `Users/${id}`)).status).toBe(404);
    expect((await user(id)).deactivated).toBe(true);
    expect((await scim('DELETE', `Users/${id}`)).status).toBe(404);
  });
});

describe('[ACC-3] groups', () => {
  test('give and take roles as the settings say', async () => {
    const roles = [
      { group: 'Chat Admins', role: 'admin' },
      { group: 'Guests', role: 'guest' },
    ];
    const path = `/admin/v1/tenants/${tenant.tid}/scim`;
    expect((await house.operator.put(path, { roles })).body).toEqual({ roles });
    const [ann, bob] = [await added(), await added()];
    const admins = (await scim('POST', 'Groups', group('Chat Admins', ann.id))).body;
    await scim('POST', 'Groups', group('Guests', ann.id, bob.id));
    const rolesNow = async () => [(await user(ann.id)).role, (await user(bob.id)).role];
    expect(await rolesNow()).toEqual(['admin', 'guest']);

    // As Entra ID adds and removes members.
    await patch(`Groups/${admins.id}`, { op: 'Add', path: 'members', value: [{ value: bob.id }] });
    expect(await rolesNow()).toEqual(['admin', 'admin']);
    await patch(`Groups/${admins.id}`, { op: 'Remove', path: `members[value eq "${ann.id}"]` });
    expect(await rolesNow()).toEqual(['guest', 'admin']);
    const found = await scim('GET', `Groups?filter=${encodeURIComponent('displayName eq "Chat Admins"')}`);
    expect(found.body.Resources[0].members).toMatchObject([{ value: bob.id }]);
    await scim('DELETE', `Groups/${admins.id}`);
    expect(await rolesNow()).toEqual(['guest', 'guest']);
    await house.operator.put(path, { roles: [] });
    await expect.poll(rolesNow, { timeout: 60_000 }).toEqual(['member', 'member']);
  });

  test('that are renamed give and take roles of all who stay', async () => {
    const path = `/admin/v1/tenants/${tenant.tid}/scim`;
    await house.operator.put(path, { roles: [{ group: 'Moderators', role: 'moderator' }] });
    const [ann, bob, cid] = [await added(), await added(), await added()];
    const { id } = (await scim('POST', 'Groups', group('Others', ann.id, bob.id))).body;
    const rolesNow = () => Promise.all([ann, bob, cid].map(async (one) => (await user(one.id)).role as string));
    await patch(`Groups/${id}`, { op: 'replace', path: 'displayName', value: 'Moderators' });
    expect(await rolesNow()).toEqual(['moderator', 'moderator', 'member']);
    expect((await scim('PUT', `Groups/${id}`, group('Others', ann.id, cid.id))).status).toBe(200);
    expect(await rolesNow()).toEqual(['member', 'member', 'member']);
    expect((await scim('PUT', `Groups/${id}`, group('Moderators', cid.id))).status).toBe(200);
    expect(await rolesNow()).toEqual(['member', 'member', 'moderator']);
    await house.operator.put(path, { roles: [] });
  });

  test('say where their members are, and are told without them to Entra ID', async () => {
    const { id } = await added();
    const { body: made } = await scim('POST', 'Groups', group('Engineers', id));
    const member = { value: id, type: 'User', $ref: ['/scim/v2', 'Users', id].join('/') };
    expect(made.members).toEqual([member]);
    // As Okta adds one, with a name.
    const value = [{ value: id, display: 'Test User' }];
    expect((await patch(`Groups/${made.id}`, { op: 'add', path: 'members', value })).body.members).toEqual([member]);
    const filter = encodeURIComponent('displayName eq "Engineers"');
    const { body } = await scim('GET', `Groups?excludedAttributes=members&filter=${filter}`);
    expect(body.Resources).toEqual([expect.objectContaining({ id: made.id, displayName: 'Engineers' })]);
    expect(body.Resources[0]).not.toHaveProperty('members');
  });

  test('have no members who are not of the directory', async () => {
    const stranger = await tenant.user('stranger');
    for (const value of [stranger.uid, 'nobody']) {
      const { status, body } = await scim('POST', 'Groups', group(`of ${value}`, value));
      expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    }
  });
});

test('[COMP-1] the audit log names the directory and its address, and keeps no user name', async () => {
  const own = await createTestTenant(house);
  const scimOf = (method: string, path: string, body?: object) => scim(method, path, body, own.apiKey);
  const { id, userName } = (await scimOf('POST', 'Users', person())).body;
  await house.operator.put(`/admin/v1/tenants/${own.tid}/scim`, { roles: [{ group: 'Staff', role: 'moderator' }] });
  const before = (await logOf(own)).length;
  await scimOf('PUT', `Users/${id}`, { ...person(userName), active: false });
  await scimOf('POST', 'Groups', { schemas: [GROUP], displayName: 'Staff', members: [{ value: id }] });
  await scimOf('DELETE', `Users/${id}`);
  const log = await logOf(own);
  const target = `user:${id}`;
  const told = [
    { action: 'deactivate_user', target, before: { status: 'active' }, after: { status: 'deactivated' } },
    { action: 'update_user', target, after: { active: false } },
    { action: 'give_tenant_role', target, before: { role: 'member' }, after: { role: 'moderator' } },
    { action: 'create_group' },
    { action: 'give_tenant_role', target, before: { role: 'moderator' }, after: { role: 'member' } },
    { action: 'remove_user', target },
  ];
  expect(log.slice(before)).toMatchObject(told.map((row) => ({ actor: 'scim', address: '127.0.0.1', ...row })));
  expect(JSON.stringify(log)).not.toContain(userName);
});

const logOf = async ({ tid }: TestTenant) =>
  (await house.operator.get(`/admin/v1/tenants/${tid}/audit?limit=100`)).body.items;

describe('[ISO-1] another tenant', () => {
  test('sees and changes nothing of it', async () => {
    const { id, userName } = await added();
    const own = (await scim('POST', 'Groups', group('Own'))).body;
    const { apiKey } = await createTestTenant(house);
    for (const path of [`Users/${id}`, `Groups/${own.id}`]) {
      const body = { schemas: [PATCH], Operations: [{ op: 'replace', value: { displayName: 'Taken' } }] };
      expect((await scim('GET', path, undefined, apiKey)).status).toBe(404);
      expect((await scim('PATCH', path, body, apiKey)).status).toBe(404);
      expect((await scim('DELETE', path, undefined, apiKey)).status).toBe(404);
    }
    expect((await scim('PUT', `Users/${id}`, person(), apiKey)).status).toBe(404);
    const filter = encodeURIComponent(`userName eq "${userName}"`);
    expect((await scim('GET', `Users?filter=${filter}`, undefined, apiKey)).body.totalResults).toBe(0);
    expect((await scim('GET', 'Users', undefined, apiKey)).body.totalResults).toBe(0);
    // The same name is another user there.
    expect((await scim('POST', 'Users', person(userName), apiKey)).status).toBe(201);
  });

  test('a key is needed, with its scope', async () => {
    expect((await scim('GET', 'Users', undefined, 'mck_wrong')).status).toBe(401);
    expect((await fetch(`${house.service.url}/${['scim', 'v2', 'Users'].join('/')}`)).status).toBe(401);
    const path = `/admin/v1/tenants/${tenant.tid}/keys`;
    const { body } = await house.operator.post(path, { name: 'reads', scopes: ['users:read'] });
    expect((await scim('GET', 'Users', undefined, body.apiKey)).status).toBe(200);
    const { status, body: error } = await scim('POST', 'Users', person(), body.apiKey);
    expect([status, error.status, error.schemas]).toEqual([
      403,
      '403',
      ['urn:ietf:params:scim:api:messages:2.0:Error'],
    ]);
  });
});

test('[ACC-3] bad requests are told so', async () => {
  const { id } = await added();
  const cases: [string, string, object | undefined, number, string | undefined][] = [
    ['POST', 'Users', { schemas: [USER] }, 400, 'invalidValue'],
    ['POST', 'Users', [], 400, 'invalidSyntax'],
    ['POST', 'Users', { ...person(), emails: 5 }, 400, 'invalidValue'],
    ['PATCH', `Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'explode' }] }, 400, 'invalidSyntax'],
    ['PATCH', `Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'remove' }] }, 400, 'noTarget'],
    ['GET', `Users?filter=${encodeURIComponent('userName equals')}`, undefined, 400, 'invalidFilter'],
    ['GET', 'Users?count=many', undefined, 400, 'invalidValue'],
    ['GET', 'Users/not-an-id', undefined, 404, undefined],
  ];
  for (const [method, path, body, status, scimType] of cases) {
    const answer = await scim(method, path, body);
    expect([path, answer.status, answer.body.scimType]).toEqual([path, status, scimType]);
  }
});

test('[ACC-3] a body that is no JSON is the sender’s fault, and what is kept wrongly the service’s own, of which nothing is told', async () => {
  const headers = { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/scim+json' };
  const path = `${house.service.url}/${['scim', 'v2', 'Users'].join('/')}`;
  expect((await fetch(path, { method: 'POST', headers, body: '{' })).status).toBe(400);
  const { id } = await added();
  await database(house)`update scim_users set attributes = '{"userName": "x", "emails": 5}' where user_id = ${id}`;
  for (const asked of [`Users/${id}`, 'Users']) {
    const { status, body } = await scim('GET', asked);
    expect([status, body.status]).toEqual([500, '500']);
    expect(JSON.stringify(body)).not.toContain('emails');
  }
  await database(house)`delete from scim_users where user_id = ${id}`;
});

test('[ACC-3] the server describes itself', async () => {
  const config = await scim('GET', 'ServiceProviderConfig');
  expect(config.body).toMatchObject({ patch: { supported: true }, bulk: { supported: false } });
  expect((await scim('GET', 'ResourceTypes')).body.Resources.map(({ id }: { id: string }) => id)).toEqual([
    'User',
    'Group',
  ]);
  expect((await scim('GET', 'Schemas')).body.Resources.map(({ id }: { id: string }) => id)).toEqual([USER, GROUP]);
  for (const path of [`Schemas/${USER}`, `Schemas/${GROUP}`, 'ResourceTypes/User', 'ResourceTypes/Group']) {
    const { status, body } = await scim('GET', path);
    expect([status, body.id, body.meta.location.endsWith(path)]).toEqual([200, path.split('/').at(-1), true]);
  }
});

test('[ACC-3] what is not there is told in the words of SCIM', async () => {
  const cases: [string, string, number][] = [
    ['GET', 'Schemas/urn:none', 404],
    ['GET', 'ResourceTypes/None', 404],
    ['GET', 'Nothing', 404],
    ['POST', '.search', 501],
    ['POST', 'Users/.search', 501],
    ['POST', 'Bulk', 501],
    ['GET', 'Me', 501],
  ];
  for (const [method, path, status] of cases) {
    const { type, body } = await scim(method, path, method === 'POST' ? {} : undefined);
    expect([path, type, body.status]).toEqual([path, 'application/scim+json; charset=utf-8', String(status)]);
  }
  expect((await scim('GET', 'Nothing', undefined, 'mck_wrong')).status).toBe(401);
});

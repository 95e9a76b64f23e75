/** What a key of a back end reaches of those who administer the tenant (TNT-7). */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiKeyScope } from '@messagecore/protocol/features';
import type { Answer, RestClient } from './client.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { GROUP, USER } from './scim-client.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let uids: Readonly<Record<'owner' | 'admin' | 'moderator' | 'member', string>>;
/** Keys with and without `admin`. */
let admin: RestClient;
let ordinary: RestClient;
let ordinaryKey: string;

beforeAll(async () => {
  // No mail arrives; that one is asked for is enough.
  house = await startTestService({ mail: { url: 'smtp://127.0.0.1:9', from: 'tests@example.com' } });
  tenant = await createTestTenant(house);
  await house.operator.patch(`/admin/v1/tenants/${tenant.tid}/settings`, { signUp: { mode: 'invitation' } });
  const people = await Promise.all(ROLES.map((role) => tenant.user(role)));
  uids = Object.fromEntries(ROLES.map((role, n) => [role, people[n]?.uid])) as typeof uids;
  for (const role of ROLES) await tenant.backEnd.patch(`/v1/users/${uids[role]}`, { role });
  ordinaryKey = await keyOf('users:read', 'users:write', 'tokens:write');
  ordinary = clientOf(ordinaryKey);
  admin = clientOf(await keyOf('users:read', 'users:write', 'tokens:write', 'admin'));
});
afterAll(() => house.stop());

const ROLES = ['owner', 'admin', 'moderator', 'member'] as const;

async function keyOf(...scopes: ApiKeyScope[]): Promise<string> {
  return (await house.operator.post(`/admin/v1/tenants/${tenant.tid}/keys`, { scopes })).body.apiKey;
}
const clientOf = (key: string) => house.rest.with({ 'x-api-key': key });
const actFor = (key: RestClient, uid: string) => key.with({ 'x-on-behalf-of': uid });
const forOwner = () => actFor(ordinary, uids.owner);
const directoryOf = (key: string) => house.rest.with({ authorization: `Bearer ${key}` });

async function another(role: string): Promise<string> {
  const { uid } = await tenant.user(randomUUID());
  await tenant.backEnd.patch(`/v1/users/${uid}`, { role });
  return uid;
}

/** Of the owner, the admin and the moderator: who they are, and which of their tokens hold. */
async function standing(): Promise<readonly unknown[]> {
  const sql = database(house);
  return await sql`
    select id, status, role, display_name, merged_into, generation from users
    where id in ${sql([uids.owner, uids.admin, uids.moderator])} order by id`;
}

const REFUSED = [403, 'forbidden', expect.stringContaining('scope admin')];
const told = ({ status, body }: Answer) => [status, body.code, body.detail];
const roleOf = async (uid: string) => (await tenant.backEnd.get(`/v1/users/${uid}`)).body.role;

describe('[TNT-7] a key without the scope admin', () => {
  test.each(['owner', 'admin'] as const)('makes nobody %s, for an owner neither', async (role) => {
    for (const key of [ordinary, forOwner()]) {
      expect(told(await key.patch(`/v1/users/${uids.member}`, { role }))).toEqual(REFUSED);
    }
    expect(await roleOf(uids.member)).toBe('member');
  });

  test.each(['owner', 'admin'] as const)('takes from no %s what they are', async (role) => {
    for (const key of [ordinary, forOwner()]) {
      expect(told(await key.patch(`/v1/users/${uids[role]}`, { role: 'member' }))).toEqual(REFUSED);
    }
    expect(await roleOf(uids[role])).toBe(role);
  });

  test('gives the roles below', async () => {
    const { uid } = await tenant.user('below');
    expect((await ordinary.patch(`/v1/users/${uid}`, { role: 'moderator' })).status).toBe(200);
    expect((await forOwner().patch(`/v1/users/${uid}`, { role: 'member' })).status).toBe(200);
  });

  test.each(['owner', 'admin'] as const)('mints no tokens for an %s, and renames none', async (role) => {
    for (const user of [uids[role], `ext:${role}`]) {
      const request = { user, displayName: 'Somebody', clientId: 'phone' };
      expect(told(await ordinary.post('/v1/tokens', request))).toEqual(REFUSED);
    }
    expect((await tenant.backEnd.get(`/v1/users/${uids[role]}`)).body.displayName).toBe(role);
  });

  test('mints tokens for everybody else', async () => {
    for (const user of [uids.moderator, 'ext:member', `ext:${randomUUID()}`]) {
      expect((await ordinary.post('/v1/tokens', { user })).status).toBe(201);
    }
  });

  test.each(['owner', 'admin'] as const)('invites nobody to be %s, for an owner neither', async (role) => {
    for (const key of [ordinary, forOwner()]) {
      expect(told(await invite(key, role))).toEqual(REFUSED);
    }
  });

  test('invites to the roles below', async () => {
    expect((await invite(ordinary, 'moderator')).status).toBe(204);
  });

  test.each<[string, (key: RestClient, uid: string) => Promise<Answer>]>([
    ['deactivates', (key, uid) => key.patch(`/v1/users/${uid}`, { deactivated: true })],
    ['renames', (key, uid) => key.patch(`/v1/users/${uid}`, { displayName: 'Somebody' })],
    ['changes the profile of', (key, uid) => key.patch(`/v1/users/${uid}`, { bio: 'Somebody' })],
    ['erases', (key, uid) => key.delete(`/v1/users/${uid}`)],
    ['merges into somebody', (key, uid) => key.post(`/v1/users/${uid}/merge`, { into: uids.moderator })],
    ['merges somebody into', (key, uid) => key.post(`/v1/users/${uids.moderator}/merge`, { into: uid })],
    ['acts to rename', (key, uid) => actFor(key, uid).patch('/v1/users/me', { displayName: 'Somebody' })],
    ['revokes a device of', (key, uid) => actFor(key, uid).delete('/v1/devices/phone')],
    ['revokes all devices of', (key, uid) => actFor(key, uid).delete('/v1/devices')],
  ])('%s no owner or admin, and everybody else', async (_, ask) => {
    const before = await standing();
    for (const role of ['owner', 'admin'] as const) expect(told(await ask(ordinary, uids[role]))).toEqual(REFUSED);
    expect(await standing()).toEqual(before);
    const { uid } = await tenant.user(randomUUID());
    expect((await ask(ordinary, uid)).status).toBeLessThan(300);
    uids = { ...uids, moderator: await another('moderator') };
  });

  test('lets no owner or admin in again', async () => {
    const uid = await another('admin');
    await tenant.backEnd.patch(`/v1/users/${uid}`, { deactivated: true });
    expect(told(await ordinary.patch(`/v1/users/${uid}`, { deactivated: false }))).toEqual(REFUSED);
    expect((await admin.patch(`/v1/users/${uid}`, { deactivated: false })).status).toBe(200);
  });

  test('does for an owner nothing that takes an owner or admin', async () => {
    expect(told(await invite(forOwner(), 'member'))).toEqual(REFUSED);
    const withAdmin = actFor(admin, uids.owner);
    expect((await invite(withAdmin, 'member')).status).toBe(204);
  });

  test.each(['owner', 'admin'] as const)('changes no %s by its directory', async (role) => {
    const schemas = [USER];
    const path = `/scim/v2/Users/${uids[role]}`;
    const [before, asDirectory] = [await standing(), directoryOf(ordinaryKey)];
    const sql = database(house);
    await sql`
      insert into scim_users (tenant_id, user_id, name_key, attributes, active)
      values (${tenant.tid}, ${uids[role]}, ${role}, ${sql.json({ userName: role })}, true)`;
    const emails = [{ value: 'mallory@example.com', primary: true }];
    for (const person of [{ active: false }, { active: true, emails }]) {
      expect((await asDirectory.put(path, { schemas, userName: role, ...person })).status).toBe(403);
    }
    expect((await asDirectory.delete(path)).status).toBe(403);
    expect(await sql`select email_key as email, active from scim_users where user_id = ${uids[role]}`).toEqual([
      { email: null, active: true },
    ]);
    expect(await standing()).toEqual(before);
  });

  test('makes nobody an admin by a group of its directory', async () => {
    await house.operator.put(`/admin/v1/tenants/${tenant.tid}/scim`, { roles: [{ group: 'Admins', role: 'admin' }] });
    const asDirectory = directoryOf(ordinaryKey);
    const person = { schemas: [USER], userName: 'dora', active: true };
    const { id } = (await asDirectory.post('/scim/v2/Users', person)).body;
    const group = {
      schemas: [GROUP],
      ...{ displayName: 'Admins', members: [{ value: id }] },
    };
    const { status, body } = await asDirectory.post('/scim/v2/Groups', group);
    expect([status, body.detail]).toEqual([403, expect.stringContaining('scope admin')]);
    expect(await roleOf(id)).toBe('member');
  });
});

test('[TNT-7] a key with the scope admin does all of it', async () => {
  const { uid } = await tenant.user('rising');
  expect((await admin.patch(`/v1/users/${uid}`, { role: 'owner' })).status).toBe(200);
  expect((await admin.post('/v1/tokens', { user: uid })).status).toBe(201);
  expect((await admin.patch(`/v1/users/${uid}`, { role: 'member' })).status).toBe(200);
  expect((await invite(admin, 'owner')).status).toBe(204);
});

test('[TNT-7] owners do with their own token what their role says', async () => {
  const { body } = await tenant.backEnd.post('/v1/tokens', { user: uids.owner });
  const owner = house.rest.with({ authorization: `Bearer ${body.token}` });
  const { uid } = await tenant.user('helped');
  expect((await owner.patch(`/v1/users/${uid}`, { role: 'admin' })).status).toBe(200);
  expect((await invite(owner, 'admin')).status).toBe(204);
});

const invite = (as: RestClient, role: string) =>
  as.post('/v1/auth/invitations', { email: `${randomUUID()}@example.com`, role, locale: 'en' });

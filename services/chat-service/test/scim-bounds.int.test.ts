/** What is kept of what a directory says: how long texts are, and how many members at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestTenant, type TestTenant } from './people.ts';
import { askScim, group, PATCH, person } from './scim-client.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

const scim = (method: string, path: string, body: object) => askScim(house, { method, path, body, key: tenant.apiKey });

test('[ACC-3] values that cannot be kept are told so', async () => {
  const { id } = (await scim('POST', 'Users', person())).body;
  const made = (await scim('POST', 'Groups', group('Kept'))).body;
  const [nul, half, long] = ['a\0', 'a\ud800', 'a'.repeat(501)];
  const users = [nul, half, long].flatMap((text) => [{ userName: text }, { externalId: text }, { displayName: text }]);
  const bodies = [
    ...users,
    ...[{ title: nul }, { name: { formatted: half } }],
    ...[nul, half, 'a'.repeat(321)].map((value) => ({ emails: [{ value: 'a' }, { value }] })),
  ];
  for (const body of bodies) {
    const patched = { schemas: [PATCH], Operations: [{ op: 'replace', value: body }] };
    const asked = [scim('POST', 'Users', { ...person(), ...body }), scim('PATCH', `Users/${id}`, patched)];
    for (const { status, body: told } of await Promise.all(asked))
      expect([body, status, told.scimType]).toEqual([body, 400, 'invalidValue']);
  }
  for (const body of [nul, half, long].flatMap((text) => [{ displayName: text }, { externalId: text }])) {
    const asked = ['POST Groups', `PUT Groups/${made.id}`].map((one) => one.split(' ') as [string, string]);
    for (const [method, path] of asked) {
      const { status, body: told } = await scim(method, path, { ...group('New'), ...body });
      expect([body, status, told.scimType]).toEqual([body, 400, 'invalidValue']);
    }
  }
  const longest = { userName: '安'.repeat(500), externalId: '安'.repeat(500), displayName: '安'.repeat(500) };
  expect((await scim('PUT', `Users/${id}`, { ...person(), ...longest })).status).toBe(200);
  expect((await scim('PUT', `Groups/${made.id}`, { ...group('安'.repeat(500)) })).status).toBe(200);
});

test('[ACC-3] a group has ten thousand members at once', async () => {
  const sql = database(house);
  const people = await sql`
    with made as (
      insert into users (id, tenant_id, display_name)
      select gen_random_uuid(), ${tenant.tid}, 'one of many' from generate_series(1, 10000) returning id
    )
    insert into scim_users (tenant_id, user_id, name_key, attributes, active)
    select ${tenant.tid}, id, id::text, jsonb_build_object('userName', id), true from made returning user_id as id`;
  const path = `/admin/v1/tenants/${tenant.tid}/scim`;
  await house.operator.put(path, { roles: [{ group: 'All', role: 'moderator' }] });
  const made = await scim('POST', 'Groups', group('All', ...people.map(({ id }) => id as string)));
  expect([made.status, made.body.members?.length]).toEqual([201, 10_000]);
  const [given] = await sql`
    select count(*)::int as n from users where tenant_id = ${tenant.tid} and role = 'moderator'`;
  expect(given?.['n']).toBeGreaterThanOrEqual(10_000);
});

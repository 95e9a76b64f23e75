/** Whom a directory lets in and whom not, and roles of many: beside what admins do, and at the same time. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { giveRolesJob } from '../src/features/scim/give-roles.job.ts';
import { appendAudit, verifyAudit } from '../src/platform/audit/audit-log.ts';
import { lockWaits } from './locks.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { askScim, group, PATCH, person } from './scim-client.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
beforeAll(async () => {
  house = await startTestService();
});
afterAll(() => house.stop());
beforeEach(async () => {
  tenant = await createTestTenant(house);
  await setRoles({ group: 'Chat Admins', role: 'admin' });
});

const setRoles = (...roles: object[]) => house.operator.put(`/admin/v1/tenants/${tenant.tid}/scim`, { roles });
const scim = (method: string, path: string, body?: object) =>
  askScim(house, { method, path, body, key: tenant.apiKey });
const added = async (more: object = {}) => (await scim('POST', 'Users', { ...person(), ...more })).body;
const replace = (id: string, value: object) =>
  scim('PATCH', `Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'replace', value }] });
const user = async (id: string) => (await tenant.backEnd.get(`/v1/users/${id}`)).body;
const deactivate = (id: string, deactivated = true) => tenant.backEnd.patch(`/v1/users/${id}`, { deactivated });
const mayEnter = async (id: string) => (await tenant.backEnd.post('/v1/tokens', { user: id })).status === 201;

describe('[ACC-3] whom an admin has deactivated', () => {
  test('stays out, whatever else the directory says', async () => {
    const made = await added();
    await deactivate(made.id);
    expect((await replace(made.id, { title: 'Engineer' })).status).toBe(200);
    expect((await scim('PUT', `Users/${made.id}`, { ...made, displayName: 'New' })).status).toBe(200);
    expect(await user(made.id)).toMatchObject({ displayName: 'New', deactivated: true });
    expect(await mayEnter(made.id)).toBe(false);
  });

  test('stays out when the directory deletes and names them again', async () => {
    const body = person();
    const { id } = (await scim('POST', 'Users', body)).body;
    await deactivate(id);
    await scim('DELETE', `Users/${id}`);
    expect((await scim('POST', 'Users', body)).body.id).toBe(id);
    expect(await mayEnter(id)).toBe(false);
  });

  test('comes in when the directory deactivates and activates them, and is out as long as it says so', async () => {
    const { id } = await added();
    await replace(id, { active: false });
    await deactivate(id, false);
    await replace(id, { title: 'Engineer' });
    expect(await mayEnter(id)).toBe(false);
    await replace(id, { active: true });
    expect(await mayEnter(id)).toBe(true);
  });
});

describe('[ACC-3] who is deleted and named again', () => {
  test('is the same user, and let in', async () => {
    const body = person();
    const { id } = (await scim('POST', 'Users', body)).body;
    for (let n = 0; n < 2; n += 1) {
      await scim('DELETE', `Users/${id}`);
      expect(await mayEnter(id)).toBe(false);
      const again = await scim('POST', 'Users', body);
      expect([again.status, again.body.id]).toEqual([201, id]);
      expect(await mayEnter(id)).toBe(true);
    }
  });

  test('is somebody else when the directory has only their name for them', async () => {
    const { externalId: _, ...body } = person();
    const { id } = (await scim('POST', 'Users', body)).body;
    await scim('DELETE', `Users/${id}`);
    const again = await scim('POST', 'Users', body);
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(id);
    expect(await mayEnter(id)).toBe(false);
  });

  test('is somebody else when the directory calls them otherwise, has erased them, or belongs to another tenant', async () => {
    const body = person();
    const { id } = (await scim('POST', 'Users', body)).body;
    await scim('DELETE', `Users/${id}`);
    const other = await createTestTenant(house);
    const theirs = await askScim(house, { method: 'POST', path: 'Users', body, key: other.apiKey });
    const another = await scim('POST', 'Users', { ...body, externalId: 'another' });
    expect(new Set([id, theirs.body.id, another.body.id]).size).toBe(3);
    expect(await mayEnter(id)).toBe(false);
    await scim('DELETE', `Users/${another.body.id}`);
    await tenant.backEnd.delete(`/v1/users/${id}`);
    const later = await scim('POST', 'Users', body);
    expect(later.status).toBe(201);
    expect([id, another.body.id]).not.toContain(later.body.id);
  });
});

describe('[ACC-3] roles of groups', () => {
  test('[COMP-1] wait for whoever changes a member, who does not wait for them', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push((await added()).id as string);
    const last = ids.toSorted().at(-1)!;
    const [sql, other] = [database(house), database(house)];
    const entry = { action: 'sample', actor: 'backend', address: '', target: `user:${last}` };
    const { made } = await sql.begin(async (tx) => {
      await tx`select from users where id = ${last} for no key update`;
      const made = scim('POST', 'Groups', group('Chat Admins', ...ids));
      await vi.waitUntil(async () => (await lockWaits(other)) > 0, 60_000);
      await appendAudit(tx as never, tenant.tid, entry);
      return { made };
    });
    expect((await made).status).toBe(201);
    for (const id of ids) expect((await user(id)).role).toBe('admin');
    expect(await verifyAudit(sql as never, tenant.tid)).toMatchObject({ brokenAt: undefined });
  });

  test('are given in a tenant that is deleted too, as that can be taken back', async () => {
    const { id } = await added();
    await scim('POST', 'Groups', group('Chat Admins', id));
    const sql = database(house);
    const isAdmin = async () => (await sql`select from users where id = ${id} and role = 'admin'`).length === 1;
    expect(await isAdmin()).toBe(true);
    await sql`update users set role = 'member' where id = ${id}`;
    expect((await house.operator.post(`/admin/v1/tenants/${tenant.tid}/deletion`, {})).status).toBe(201);
    const job = { id: 1, kind: giveRolesJob.kind, tid: tenant.tid, payload: { after: null }, attempt: 1, lease: '' };
    await sql.begin((tx) => giveRolesJob.run?.(tx as never, job, undefined));
    expect(await isAdmin()).toBe(true);
  });

  test('[COMP-1] change with the settings, for many, and each change is in the log', async () => {
    const sql = database(house);
    const { id } = (await scim('POST', 'Groups', group('Staff'))).body;
    const MANY = 2_100;
    await sql`
      with made as (
        insert into users (id, tenant_id, display_name)
        select gen_random_uuid(), ${tenant.tid}, 'one of many' from generate_series(1, ${MANY}) returning id
      ), named as (
        insert into scim_users (tenant_id, user_id, name_key, attributes, active)
        select ${tenant.tid}, id, id::text, jsonb_build_object('userName', id), true from made
      )
      insert into scim_members (tenant_id, group_id, user_id) select ${tenant.tid}, ${id}, id from made`;
    const countOf = async (role: string) => {
      const [row] = await sql`select count(*)::int as n from users where tenant_id = ${tenant.tid} and role = ${role}`;
      return row?.['n'] as number;
    };
    await setRoles({ group: 'Staff', role: 'moderator' });
    await expect.poll(() => countOf('moderator'), { timeout: 60_000 }).toBe(MANY);
    expect((await scim('DELETE', `Groups/${id}`)).status).toBe(204);
    expect(await countOf('moderator')).toBe(0);
    const [logged] = await sql`
      select count(*)::int as n from audit_log where tenant_id = ${tenant.tid} and action = 'give_tenant_role'`;
    expect(logged?.['n']).toBe(2 * MANY);
    expect(await verifyAudit(sql as never, tenant.tid)).toMatchObject({ brokenAt: undefined });
  });
});

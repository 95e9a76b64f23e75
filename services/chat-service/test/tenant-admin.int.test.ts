/** What a tenant's own admins and the operator set: keys and settings (TEN-1, TEN-2). */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startChatService } from '../src/roles/app.ts';
import { createClient } from './client.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
beforeAll(async () => {
  house = await startTestService();
});
afterAll(() => house.stop());

const sql = () => {
  const client = house.sql();
  onTestFinished(() => client.end());
  return client;
};

async function newAdmin(tenant: TestTenant) {
  const admin = await tenant.user('admin');
  await sql()`update users set role = 'owner' where id = ${admin.uid}`;
  return admin;
}

const statusWith = async (apiKey: string) => (await house.rest.with({ 'x-api-key': apiKey }).get('/v1/users')).status;
const audited = async (tid: string) =>
  (await house.operator.get(`/admin/v1/tenants/${tid}/audit?limit=100`)).body.items;

describe('[TEN-2] keys', () => {
  test('[TNT-2] a key that has expired is refused, one whose end is over is not made', async () => {
    const { tid } = await createTestTenant(house);
    const path = `/admin/v1/tenants/${tid}/keys`;
    const over = await house.operator.post(path, { expiresAt: 1_000 });
    expect([over.status, over.body.errors]).toEqual([400, [{ path: 'expiresAt', message: 'is over' }]]);
    const expiresAt = Date.now() + 3_600_000;
    const { body } = await house.operator.post(path, { expiresAt });
    expect(body.expiresAt).toBe(expiresAt);
    expect(await statusWith(body.apiKey)).toBe(200);
    await sql()`update api_keys set expires_at = now() where id = ${body.keyId}`;
    expect(await statusWith(body.apiKey)).toBe(401);
  });

  test('[TNT-2] [TNT-3] rotated: both work for the overlap, the new one lives as long as the old one was to', async () => {
    const tenant = await createTestTenant(house);
    const admin = await newAdmin(tenant);
    const tenDays = 10 * 24 * 3_600_000;
    const made = await admin.post('/v1/tenant/keys', {
      ...{ name: 'ci', scopes: ['users:read'], expiresAt: Date.now() + tenDays },
    });
    const old = made.body;
    const rotated = await admin.post(`/v1/tenant/keys/${old.keyId}/rotate`, { overlapHours: 2 });
    expect(rotated.status).toBe(201);
    expect(rotated.body).toMatchObject({ name: 'ci', scopes: ['users:read'], replacedBy: null });
    expect(Math.abs(rotated.body.expiresAt - rotated.body.createdAt - tenDays)).toBeLessThan(60_000);
    expect([await statusWith(old.apiKey), await statusWith(rotated.body.apiKey)]).toEqual([200, 200]);
    const listed = (await admin.get('/v1/tenant/keys')).body.items.find(
      (key: { keyId: string }) => key.keyId === old.keyId,
    );
    expect(listed.replacedBy).toBe(rotated.body.keyId);
    expect(Math.abs(listed.expiresAt - rotated.body.createdAt - 2 * 3_600_000)).toBeLessThan(60_000);

    const again = await admin.post(`/v1/tenant/keys/${old.keyId}/rotate`, {});
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
    const atOnce = await house.operator.post(`/admin/v1/tenants/${tenant.tid}/keys/${rotated.body.keyId}/rotate`, {
      overlapHours: 0,
    });
    expect([await statusWith(rotated.body.apiKey), await statusWith(atOnce.body.apiKey)]).toEqual([401, 200]);

    const actions = (await audited(tenant.tid)).filter(
      (entry: { action: string }) => entry.action === 'rotate_api_key',
    );
    expect(actions).toMatchObject([
      { actor: `user:${admin.uid}`, target: `api-key:${old.keyId}`, after: { replacedBy: rotated.body.keyId } },
      { actor: 'operator', before: { replacedBy: null }, after: { replacedBy: atOnce.body.keyId } },
    ]);
    expect(JSON.stringify(await audited(tenant.tid))).not.toContain('mck_');
  });

  test('keys that were made before scopes had areas do what they did', async () => {
    const tenant = await createTestTenant(house);
    const { body } = await house.operator.post(`/admin/v1/tenants/${tenant.tid}/keys`, {});
    await sql()`update api_keys set scopes = array['read', 'tokens'] where id = ${body.keyId}`;
    const key = house.rest.with({ 'x-api-key': body.apiKey });
    expect((await key.get('/v1/users')).status).toBe(200);
    expect((await key.post('/v1/tokens', { user: 'ext:eve' })).status).toBe(201);
    const refused = await key.post('/v1/conversations', { kind: 'public' });
    expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('conversations:write')]);
    expect((await key.get('/v1/tenant')).status).toBe(403);
  });

  test('a tenant has no more keys than it may', async () => {
    const { tid, backEnd } = await createTestTenant(house);
    await sql()`
      insert into api_keys (id, tenant_id, hash, prefix, name, scopes)
      select gen_random_uuid(), ${tid}, ${tid} || n, '', 'many', '{}' from generate_series(1, 99) n`;
    expect((await backEnd.post('/v1/tenant/keys', {})).body.code).toBe('conflict');
  });
});

describe('settings', () => {
  test('[TNT-4] have defaults, are checked, and are set back by null', async () => {
    const tenant = await createTestTenant(house);
    const admin = await newAdmin(tenant);
    const defaults = {
      ...{
        editWindowSeconds: null,
        recallWindowSeconds: null,
        history: 'all',
        groupsBy: 'members',
        privateChannelsBy: 'members',
      },
      ...{ publicChannelsBy: 'members', signUp: { mode: 'closed', domains: [] } },
      ...{ accessTokenSeconds: 900, refreshTokenSeconds: 604_800, linkPreviews: false },
    };
    expect((await admin.get('/v1/tenant/settings')).body).toEqual(defaults);
    const change = { editWindowSeconds: 60, signUp: { mode: 'domain', domains: ['Example.ORG'] } };
    const changed = { ...defaults, ...change, signUp: { mode: 'domain', domains: ['example.org'] } };
    expect((await admin.patch('/v1/tenant/settings', change)).body).toEqual(changed);
    const path = `/admin/v1/tenants/${tenant.tid}/settings`;
    expect((await house.operator.get(path)).body).toEqual(changed);
    expect((await house.operator.patch(path, { signUp: null, editWindowSeconds: null })).body).toEqual(defaults);

    const wrong = await admin.patch('/v1/tenant/settings', {
      editWindowSeconds: -1,
      history: 'some',
      signUp: { mode: 'domain' },
    });
    expect(wrong.body.errors.map((error: { path: string }) => error.path).toSorted()).toEqual([
      ...['editWindowSeconds', 'history', 'signUp.domains'],
    ]);
    expect((await admin.patch('/v1/tenant/settings', {})).status).toBe(400);
    expect((await audited(tenant.tid)).at(-1)).toMatchObject({
      ...{ actor: 'operator', action: 'update_tenant' },
      before: { settings: { editWindowSeconds: 60 } },
      after: { settings: {} },
    });
  });

  test('[TNT-4] decide what is created by whom, in every process', async () => {
    const other = await startChatService(house.config);
    onTestFinished(() => other.stop());
    const tenant = await createTestTenant(house);
    const [admin, ann] = [await newAdmin(tenant), await tenant.user('ann')];
    const annThere = createClient(other.url).with({ authorization: `Bearer ${ann.token}` });
    const channel = { kind: 'public', name: 'open' };
    expect((await annThere.post('/v1/conversations', channel)).body).toMatchObject({ history: 'all' });

    await admin.patch('/v1/tenant/settings', { publicChannelsBy: 'admins', history: 'since_joining' });
    await expect
      .poll(async () => (await annThere.post('/v1/conversations', channel)).status, { timeout: 60_000 })
      .toBe(403);
    expect((await admin.post('/v1/conversations', channel)).status).toBe(201);
    expect((await tenant.backEnd.post('/v1/conversations', { ...channel, participants: [ann.uid] })).status).toBe(201);
    const own = await annThere.post('/v1/conversations', { kind: 'private', name: 'mine' });
    expect(own.body).toMatchObject({ history: 'since_joining' });
    expect(
      (await annThere.post('/v1/conversations', { kind: 'private', name: 'mine', history: 'all' })).body,
    ).toMatchObject({
      history: 'all',
    });
    const dm = await annThere.post('/v1/conversations', { kind: 'dm', participants: [admin.uid] });
    expect([dm.status, dm.body.history]).toEqual([201, 'all']);
  });

  test('a repeat of a creation is the same although the tenant has changed what newcomers see', async () => {
    const tenant = await createTestTenant(house);
    const ann = (await tenant.user('ann')).with({ 'idempotency-key': 'once' });
    const first = await ann.post('/v1/conversations', { kind: 'private', name: 'mine' });
    await tenant.backEnd.patch('/v1/tenant/settings', { history: 'since_joining' });
    const repeat = await ann.post('/v1/conversations', { kind: 'private', name: 'mine' });
    expect([repeat.status, repeat.body.cid]).toEqual([200, first.body.cid]);
  });

  test('the window for edits counts', async () => {
    const tenant = await createTestTenant(house);
    const ann = await tenant.user('ann');
    const { cid } = (await ann.post('/v1/conversations', { kind: 'private', name: 'mine' })).body;
    const mid = '01JZZZZZZZZZZZZZZZZZZZZZZZ';
    await ann.post(`/v1/conversations/${cid}/messages`, { mid, kind: 'text', body: { text: 'a' } });
    await tenant.backEnd.patch('/v1/tenant/settings', { editWindowSeconds: 0 });
    const edit = await ann.patch(`/v1/conversations/${cid}/messages/1`, { body: { text: 'b' } });
    expect([edit.status, edit.body.code]).toEqual([403, 'edit_window_over']);
  });
});

test('[TNT-1] a tenant reads and renames itself, and changes nothing that is the operator’s', async () => {
  const tenant = await createTestTenant(house);
  const admin = await newAdmin(tenant);
  const renamed = await admin.patch('/v1/tenant', { name: 'Acme', plan: 'basic' });
  expect(renamed.body).toMatchObject({ tenantId: tenant.tid, name: 'Acme', plan: 'enterprise' });
  expect((await admin.get('/v1/tenant')).body).toEqual(renamed.body);
  expect((await audited(tenant.tid)).at(-1)).toMatchObject({ actor: `user:${admin.uid}`, after: { name: 'Acme' } });
  const secret = 'x'.repeat(40);
  expect((await admin.patch('/v1/tenant', { jwtSecret: secret })).status).toBe(200);
  expect(JSON.stringify(await audited(tenant.tid))).not.toContain(secret);
});

import { randomUUID } from 'node:crypto';
import { subjects } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createSecrets } from '../src/core/identity/secrets.ts';
import { tenantSecrets } from '../src/core/tenants/tenant-queries.ts';
import { openStore } from '../src/platform/database/connect.ts';
import { listen } from './listen.ts';
import { createTestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
beforeAll(async () => {
  house = await startTestService();
});
afterAll(() => house.stop());

const subdomain = () => `s-${randomUUID()}`;

describe('[TEN-1] tenants', () => {
  test('are created with a key that works, read, listed by filter and page, and changed', async () => {
    const { operator, rest } = house;
    const name = subdomain();
    const created = await operator.post('/admin/v1/tenants', { name: 'Acme', subdomain: name, plan: 'pro' });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: 'Acme', subdomain: name, plan: 'pro', status: 'active' });
    const { tenantId, apiKey, ...tenant } = created.body;
    expect(Date.now() - tenant.createdAt).toBeLessThan(60_000);
    expect((await rest.with({ 'x-api-key': apiKey }).get('/v1/users')).body).toEqual({ items: [], next: null });

    expect((await operator.get(`/admin/v1/tenants/${tenantId}`)).body).toEqual({ tenantId, ...tenant });

    await operator.post('/admin/v1/tenants', { name: 'Other', subdomain: subdomain(), plan: 'pro' });
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await operator.get(`/admin/v1/tenants?plan=pro&status=active&limit=1${cursor}`);
      seen.push(...body.items.map((item: { tenantId: string }) => item.tenantId));
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toContain(tenantId);
    expect(new Set(seen).size).toBe(2);

    const changed = await operator.patch(`/admin/v1/tenants/${tenantId}`, { name: 'Acme 2', plan: 'basic' });
    expect(changed.body).toEqual({ tenantId, ...tenant, name: 'Acme 2', plan: 'basic' });
  });

  test('a subdomain belongs to one tenant, also when two ask at once or one is changed', async () => {
    const { operator } = house;
    const name = subdomain();
    const answers = await Promise.all(
      [1, 2, 3].map(() => operator.post('/admin/v1/tenants', { name: 'x', subdomain: name })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
    const other = await operator.post('/admin/v1/tenants', { name: 'y', subdomain: subdomain() });
    const moved = await operator.patch(`/admin/v1/tenants/${other.body.tenantId}`, { subdomain: name });
    expect(moved.status).toBe(409);
    expect(moved.body).toMatchObject({ code: 'conflict', errors: [{ path: 'subdomain', message: 'taken' }] });
  });

  test('every wrong field is named', async () => {
    const { status, body } = await house.operator.post('/admin/v1/tenants', { subdomain: 'Ümlaut', plan: 'gold' });
    expect(status).toBe(400);
    expect(body.code).toBe('bad_request');
    expect(body.errors.map((error: { path: string }) => error.path).toSorted()).toEqual(['name', 'plan', 'subdomain']);
  });

  test('only the operator is let in', async () => {
    const tenant = await createTestTenant(house);
    const wrong = house.rest.with({ 'x-admin-key': 'not-the-operator-key' });
    for (const client of [house.rest, tenant.backEnd, wrong, await tenant.user('alice')]) {
      expect((await client.get('/admin/v1/tenants')).status).toBe(401);
    }
  });

  test('an unknown one is not found', async () => {
    for (const path of ['', '/keys']) {
      const { status, body } = await house.operator.get(`/admin/v1/tenants/${randomUUID()}${path}`);
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
  });
});

describe('[TEN-2] suspension and keys', () => {
  test('suspended: key and tokens are refused at once and the bus hears of it; reactivated: all is back', async () => {
    const tenant = await createTestTenant(house);
    const alice = await tenant.user('alice');
    const heard = await listen(house, subjects.tenant(tenant.tid));

    const suspended = await house.operator.post(`/admin/v1/tenants/${tenant.tid}/suspend`);
    expect([suspended.status, suspended.body.status]).toEqual([200, 'suspended']);
    for (const client of [tenant.backEnd, alice]) {
      const { status, body } = await client.get('/v1/users');
      expect([status, body.code]).toEqual([403, 'tenant_suspended']);
    }
    expect((await tenant.backEnd.post('/v1/tokens', { user: 'ext:bob' })).status).toBe(403);
    await house.operator.post(`/admin/v1/tenants/${tenant.tid}/reactivate`);
    expect((await alice.get('/v1/users')).status).toBe(200);
    await expect
      .poll(() => heard)
      .toEqual([
        { v: 1, event: 'suspended' },
        { v: 1, event: 'reactivated' },
      ]);
  });

  test('a key is shown once, stored as a hash, limited to its scopes, notes its use, and ends when revoked', async () => {
    const tenant = await createTestTenant(house);
    const made = await house.operator.post(`/admin/v1/tenants/${tenant.tid}/keys`, {
      name: 'ci',
      scopes: ['users:read'],
    });
    expect(made.status).toBe(201);
    const { apiKey, keyId } = made.body;
    expect(made.body).toMatchObject({
      name: 'ci',
      scopes: ['users:read'],
      prefix: apiKey.slice(0, 12),
      lastUsedAt: null,
    });

    const reader = house.rest.with({ 'x-api-key': apiKey });
    expect((await reader.get('/v1/users')).status).toBe(200);
    const refused = await reader.post('/v1/tokens', { user: 'ext:eve' });
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect((await reader.post('/v1/conversations', { kind: 'public' })).status).toBe(403);

    const listed = async () => {
      const answer = await house.operator.get(`/admin/v1/tenants/${tenant.tid}/keys`);
      expect(answer.text).not.toContain(apiKey);
      return answer.body.items.find((item: { keyId: string }) => item.keyId === keyId);
    };
    await expect.poll(async () => (await listed()).lastUsedAt).not.toBeNull();

    expect((await house.operator.delete(`/admin/v1/tenants/${tenant.tid}/keys/${keyId}`)).status).toBe(204);
    expect((await reader.get('/v1/users')).status).toBe(401);
    expect((await listed()).revokedAt).not.toBeNull();
    const other = await createTestTenant(house);
    const crossed = await house.operator.delete(`/admin/v1/tenants/${other.tid}/keys/${keyId}`);
    expect(crossed.status).toBe(404);
  });
});

test('what is no API key at all is refused without a look into the database', async () => {
  const { apiKey } = await createTestTenant(house);
  for (const key of [
    'mck_',
    'x',
    `${apiKey}x`,
    ` ${apiKey.slice(0, -1)}`,
    apiKey.slice(0, -1),
    'é',
    '%00',
    'x'.repeat(8_000),
  ]) {
    const { status, body } = await house.rest.with({ 'x-api-key': encodeURI(key) }).get('/v1/users');
    expect([key, status, body.code]).toEqual([key, 401, 'unauthorized']);
  }
  expect((await house.rest.with({ 'x-api-key': apiKey }).get('/v1/users')).status).toBe(200);
});

test('the secrets of many tenants are read at once, in the order asked', async () => {
  const tids = [];
  for (const secret of ['the secret of the first tenant', null, 'the secret of the third tenant']) {
    const { tid } = await createTestTenant(house);
    await house.operator.patch(`/admin/v1/tenants/${tid}`, { jwtSecret: secret?.padEnd(40, '.') });
    tids.push(tid);
  }
  const [first, second, third] = tids as [string, string, string];
  const store = openStore({ url: house.config.databaseUrl });
  onTestFinished(() => store.close());
  const secrets = await tenantSecrets(store.sql, createSecrets(house.config.secretsKeys).open, [
    third,
    first,
    second,
    third,
    randomUUID(),
  ]);
  expect(secrets.map((secret) => String(secret ?? '').split(' ')[4])).toEqual([
    'third',
    'first',
    undefined,
    'third',
    undefined,
  ]);
});

/** What holds for the whole platform and is changed while it runs (TEN-7). */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startChatService } from '../src/roles/app.ts';
import { createClient } from './client.ts';
import { createTestTenant } from './people.ts';
import { ADMIN_KEY, startTestRedis, startTestService, type TestService } from './service.ts';

let house: TestService;
beforeAll(async () => {
  house = await startTestService();
});
afterAll(() => house.stop());

const PATH = '/admin/v1/system';
const PLATFORM_TENANT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

test('[TEN-7] is read, changed in parts, and written down with before and after', async () => {
  const { operator, rest } = house;
  const off = { on: false, message: null, until: null };
  const before = await operator.get(PATH);
  expect(before.body).toMatchObject({ version: expect.stringMatching(/^\d+\./), protocol: 1, maintenance: off });
  expect(before.body.features).toMatchObject({ 'audit-export': true });
  const changed = await operator.patch(PATH, { maintenance: { message: 'tonight' } });
  expect(changed.body).toMatchObject({ maintenance: { ...off, message: 'tonight' }, changedAt: expect.any(Number) });
  await operator.patch(PATH, { maintenance: { message: null } });
  expect((await operator.get(PATH)).body.maintenance).toEqual(off);

  const { body } = await operator.get(`/admin/v1/tenants/${PLATFORM_TENANT}/audit`);
  expect(body.items.slice(-2)).toMatchObject([
    { action: 'change_system', actor: 'operator', after: { maintenance: { message: 'tonight' } } },
    { before: { maintenance: { message: 'tonight' } }, after: { maintenance: off } },
  ]);
  expect((await rest.get(PATH)).status).toBe(401);
});

test('[TEN-7] a product area that is switched off answers nothing until it is switched on again', async () => {
  const { operator } = house;
  const { tid } = await createTestTenant(house);
  const unknown = await operator.patch(PATH, { features: { teleport: false } });
  expect([unknown.status, unknown.body.errors[0].path]).toEqual([400, 'features.teleport']);
  const exportLog = async () => (await operator.post(`/admin/v1/tenants/${tid}/audit/exports`)).status;
  await operator.patch(PATH, { features: { 'audit-export': false } });
  await expect.poll(exportLog, { timeout: 60_000 }).toBe(404);
  await operator.patch(PATH, { features: { 'audit-export': true } });
  await expect.poll(exportLog, { timeout: 60_000 }).toBe(201);
});

test('[TEN-7] [TNT-5] maintenance survives a restart and needs neither Redis nor the bus', async () => {
  const tenant = await createTestTenant(house);
  const redis = await startTestRedis();
  await house.operator.patch(PATH, { maintenance: { on: true, message: 'moving' } });
  const restarted = await startChatService({ ...house.config, redisUrl: redis.url });
  onTestFinished(() => restarted.stop());
  const there = createClient(restarted.url);
  const rename = () => there.with({ 'x-api-key': tenant.apiKey }).patch('/v1/tenant', { name: 'Moved' });
  expect(await rename()).toMatchObject({ status: 503, body: { code: 'maintenance', detail: 'moving' } });

  await redis.stop();
  await there.with({ 'x-admin-key': ADMIN_KEY }).patch(PATH, { maintenance: { on: false } });
  await expect.poll(async () => (await rename()).status, { timeout: 60_000 }).toBe(200);
});

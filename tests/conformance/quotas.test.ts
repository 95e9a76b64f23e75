import { HEADERS } from '@messagecore/protocol';
import { call, must, newMid } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { mailToken, PASSWORD, setAccounts } from '../support/accounts.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const WAIT = { timeout: 60_000, interval: 250 };

let system: System;
beforeAll(async () => {
  const gateway = { timing: { connectionsMs: 100 } };
  system = await startSystem({ gateways: 2, chatServices: 2, gateway });
});
afterAll(() => system.stop());

type Tenant = Awaited<ReturnType<typeof newRoom>>['tenant'];
const limit = (tenant: Tenant, limits: object) =>
  must('PATCH', `${system.api}/admin/v1/tenants/${tenant.tenantId}`, {
    ...{ headers: { [HEADERS.adminKey]: tenant.adminKey }, body: { limits } },
  });
type Usage = { readonly connections: { readonly current: number } };
const usage = (tenant: Tenant) => must<Usage>('GET', `${system.api}/v1/tenant/usage`, { headers: tenant.backEnd });

test('[LIM-20] a send beyond the quota is refused over both transports, and its mid passes under a larger one', async () => {
  const { tenant, users, cid } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  await limit(tenant, { messages: 1 });
  /** Over the session; the code of the error, or undefined when it was stored. */
  const send = async (mid: string) => {
    const { record } = ann;
    const before = record.of('error').length;
    ann.say(cid, 'x', { mid });
    await record.until('an answer', () => record.of('ack', { mid }).length > 0 || record.of('error').length > before);
    return record.of('ack', { mid }).length > 0 ? undefined : record.of('error').at(-1)?.code;
  };
  let mid = '';
  await vi.waitUntil(async () => (await send((mid = newMid()))) === 'quota_exceeded', WAIT);
  // Another process may answer, which knows of the quota a second after it took the tenant's first send.
  const overRest = () =>
    call('POST', `${system.api}/v1/conversations/${cid}/messages`, {
      ...{ headers: users.ann.auth, body: { mid: newMid(), kind: 'text', body: { text: 'x' } } },
    });
  await vi.waitUntil(async () => (await overRest()).status === 429, WAIT);
  expect((await overRest()).body).toMatchObject({ code: 'quota_exceeded' });
  await limit(tenant, {});
  await vi.waitUntil(async () => (await send(mid)) === undefined, WAIT);
});

test('[LIM-21] a user who confirms an account counts; the token is good under a larger quota', async () => {
  const { tenant } = await newRoom(system, 'ann');
  await setAccounts(system, tenant, { signUp: { mode: 'open' } });
  await limit(tenant, { users: 1 });
  const token = await mailToken(system, tenant, 'confirm', 'new@example.com');
  const confirm = () => call('POST', `${system.api}/v1/auth/confirm`, { body: { token, password: PASSWORD } });
  expect(await confirm()).toMatchObject({ status: 429, body: { code: 'quota_exceeded' } });
  await limit(tenant, { users: 2 });
  expect((await confirm()).status).toBe(201);
});

test('[LIM-21] sessions at all gateways together; one that ends makes room', async () => {
  const { tenant, users } = await newRoom(system, 'ann', 'bob');
  await limit(tenant, { connections: 2 });
  const first = await system.connect(users.ann, { gateway: 0 });
  await system.connect(users.bob, { gateway: 1 });
  await vi.waitUntil(async () => (await usage(tenant)).connections.current === 2, WAIT);
  let reason = '';
  await vi.waitUntil(async () => {
    const late = system.dial({ gateway: 1, token: users.ann.token });
    await late.record.until('an answer', () => late.record.of('ready').length + late.record.of('error').length > 0);
    const [error] = late.record.of('error');
    reason = `${error?.code} ${error?.msg}`;
    late.cut();
    return error !== undefined;
  }, WAIT);
  expect(reason).toMatch(/^rate_limited .*2 connections/);
  first.cut();
  await vi.waitUntil(async () => {
    const next = system.dial({ gateway: 1, token: users.ann.token });
    await next.record.until('an answer', () => next.record.of('ready').length + next.record.of('error').length > 0);
    const isIn = next.record.of('ready').length > 0;
    if (!isIn) next.cut();
    return isIn;
  }, WAIT);
  const days = await system.sql<{ peak: number }[]>`
    select peak_connections::int as peak from usage_daily where tenant_id = ${tenant.tenantId}`;
  expect(Math.max(...days.map(({ peak }) => peak))).toBeGreaterThanOrEqual(2);
});

test('[LIM-21] a gateway that drains reports its sessions by itself, and one that stops that it has none', async () => {
  const gateway = { drainGraceMs: 120_000, timing: { connectionsMs: 3_600_000 } };
  const house = await startSystem({ gateways: 1, chatServices: 1, gateway });
  onTestFinished(() => house.stop());
  const { tenant, users } = await newRoom(house, 'ann', 'bob');
  const current = async () => {
    const url = `${house.api}/v1/tenant/usage`;
    return (await must<Usage>('GET', url, { headers: tenant.backEnd })).connections.current;
  };
  for (const user of [users.ann, users.bob]) await house.connect(user);
  const drained = house.gateways[0]!.drain();
  await vi.waitUntil(async () => (await current()) === 2, WAIT);
  await house.gateways[0]!.stop();
  expect(await current()).toBe(0);
  await drained;
});

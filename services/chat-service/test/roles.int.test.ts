/** Processes with some of the roles, and what works behind the requests as the operator sees it. */
import { randomUUID } from 'node:crypto';
import { createUlid } from '@messagecore/kernel';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startChatService } from '../src/roles/app.ts';
import type { Role } from '../src/roles/roles.ts';
import { createClient, type RestClient } from './client.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { ADMIN_KEY, startTestService, type TestService } from './service.ts';

const newMid = createUlid();
/** `house` answers requests and does nothing else. */
let house: TestService;
let tenant: TestTenant;
let alice: TestUser;

beforeAll(async () => {
  house = await startTestService({ roles: new Set<Role>(['api', 'rpc']) });
  tenant = await createTestTenant(house);
  alice = await tenant.user('alice');
  await tenant.user('bob');
});
afterAll(() => house.stop());

/** Another process of the same installation, gone when the test ends. */
async function start(...roles: readonly Role[]): Promise<RestClient> {
  const service = await startChatService({ ...house.config, roles: new Set(roles) });
  onTestFinished(() => service.stop());
  return createClient(service.url);
}

const PLANS = { kind: 'private', name: 'Plans', participants: ['ext:bob'] };

async function send(count: number, as: RestClient = alice): Promise<string> {
  const { status, body } = await as.post('/v1/conversations', PLANS);
  expect(status).toBe(201);
  for (let n = 0; n < count; n += 1) {
    await alice.post(`/v1/conversations/${body.cid}/messages`, { mid: newMid(), kind: 'text', body: { text: 'x' } });
  }
  return body.cid;
}

const today = () => new Date().toISOString().slice(0, 10);
const usage = async (tid = tenant.tid) => {
  const { body } = await house.operator.get(`/admin/v1/tenants/${tid}/usage?from=2026-01-01&to=2999-12-31`);
  return body.days as { day: string; messages: number }[];
};

describe('a process with a role of its own', () => {
  test('has health, readiness and metrics, and no other routes', async () => {
    const rest = await start('workers');
    expect((await rest.get('/ready')).status).toBe(200);
    expect((await rest.get('/health/simple')).status).toBe(200);
    expect((await rest.get('/metrics')).text).toContain('bus_consumer_events');
    expect((await rest.get('/v1/users/me')).status).toBe(404);
    expect((await rest.with({ 'x-admin-key': ADMIN_KEY }).get('/admin/v1/tenants')).status).toBe(404);
  });

  test('[TEN-5] leaves usage to the workers, whoever takes the sends', async () => {
    await start('relay');
    const workers = await start('workers');
    // A consumer that is new counts the past by a saga.
    await start('jobs');
    await send(5);
    await expect.poll(() => usage()).toMatchObject([{ day: today(), messages: 5, activeUsers: 1 }]);
    const consumers = async () => (await house.operator.get('/admin/v1/consumers')).body.items;
    const caughtUp = { paused: false, lag: 0, caughtUpAt: expect.any(Number), deadLetters: 0 };
    // No tenant has previews.
    const notBegun = { paused: false, lag: null, caughtUpAt: null, deadLetters: 0 };
    await expect
      .poll(consumers)
      .toEqual([
        ...CONSUMERS.map((name) => ({ name, ...caughtUp })),
        ...['link-previews', 'link-previews-of-edits'].map((name) => ({ name, ...notBegun })),
      ]);
    expect((await workers.get('/metrics')).text).toMatch(/bus_consumer_events_total\{.*result="handled".*\} [1-9]/);
    const metrics = async () => (await workers.get('/metrics')).text;
    await expect.poll(metrics).toMatch(/bus_consumer_lag\{.*consumer="usage".*\} 0/);
    await expect
      .poll(async () => (await house.operator.get('/admin/v1/sagas?status=done')).body.items.toSorted(byKind))
      .toMatchObject(
        CONSUMERS.toSorted().map((name) => {
          return { kind: `reconcile ${name}`, tenantId: null, subject: name, step: null, progress: expect.any(Number) };
        }),
      );
  });
});

/** Those that everybody has, in the order of the features. */
const CONSUMERS = ['usage', 'directory'];

const byKind = (a: { kind: string }, b: { kind: string }) => a.kind.localeCompare(b.kind);

describe('the operator', () => {
  test('pauses a consumer and lets it go on', async () => {
    await start('relay', 'workers');
    const ofUsage = async () =>
      (await house.operator.get('/admin/v1/consumers')).body.items.find(
        ({ name }: { name: string }) => name === 'usage',
      );
    await expect.poll(ofUsage).toMatchObject({ name: 'usage', lag: 0 });
    expect((await house.operator.post('/admin/v1/consumers/usage/pause')).status).toBe(204);
    expect((await house.operator.post('/admin/v1/consumers/nobody/pause')).status).toBe(404);
    expect(await ofUsage()).toMatchObject({ paused: true });
    expect((await house.operator.post('/admin/v1/consumers/usage/resume')).status).toBe(204);
    expect(await ofUsage()).toMatchObject({ paused: false });
  });

  test('sees dead letters, has them handled again, and gives them up', async () => {
    const sql = database(house);
    await sql`delete from consumer_dead_letters`;
    const cid = await send(2);
    const put = (subject: string, consumer = 'usage') => sql`
      insert into consumer_dead_letters (consumer, subject, payload, attempts, error)
      values (${consumer}, ${subject}, 'abc', 5, 'broken')`;
    await put(`conv.${tenant.tid}.${cid}.msg`);
    await put('conv.x.no-id.msg');
    await put('conv.x.y.msg', 'nobody');
    const list = async (query = '') => (await house.operator.get(`/admin/v1/dead-letters${query}`)).body;
    const { items, next } = await list('?limit=2');
    expect(items).toMatchObject([{ consumer: 'nobody' }, { subject: 'conv.x.no-id.msg', bytes: 3, error: 'broken' }]);
    const rest = await list(`?limit=2&cursor=${next}`);
    expect(rest).toMatchObject({ items: [{ attempts: 5 }], next: null });
    const before = (await usage()).reduce((sum, { messages }) => sum + messages, 0);

    const replay = (id: number) => house.operator.post(`/admin/v1/dead-letters/${id}/replay`);
    expect((await replay(rest.items[0].id)).status).toBe(204);
    expect((await usage()).reduce((sum, { messages }) => sum + messages, 0)).toBeGreaterThan(before);
    expect((await replay(rest.items[0].id)).status).toBe(404);
    const failed = await replay(items[1].id);
    expect(failed).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await list()).items).toHaveLength(2);
    for (const { id } of items) expect((await house.operator.delete(`/admin/v1/dead-letters/${id}`)).status).toBe(204);
    expect((await list()).items).toEqual([]);
  });

  test('sees dead jobs, and has them tried again', async () => {
    const sql = database(house);
    const [job] = await sql`
      insert into jobs (tenant_id, kind, payload, dead, attempts, last_error)
      values (${tenant.tid}, 'nobody', '{}', true, 3, 'broken') returning id`;
    const dead = async () => (await house.operator.get('/admin/v1/jobs/dead')).body.items;
    expect(await dead()).toMatchObject([{ tenantId: tenant.tid, kind: 'nobody', attempts: 3, error: 'broken' }]);
    expect((await house.operator.get('/admin/v1/jobs')).body).toMatchObject({ dead: 1 });
    expect((await house.operator.post(`/admin/v1/jobs/${job?.['id']}/replay`)).status).toBe(204);
    expect((await house.operator.post(`/admin/v1/jobs/${job?.['id']}/replay`)).status).toBe(404);
    expect(await dead()).toEqual([]);
    expect((await house.operator.get('/admin/v1/jobs')).body).toMatchObject({ dead: 0, ready: 1 });
    await sql`delete from jobs where kind = 'nobody'`;
  });
});

test('a deleted conversation is purged in pieces, and says to its key that it was deleted', async () => {
  const sql = database(house);
  const keyed = alice.with({ 'idempotency-key': randomUUID() });
  const cid = await send(30, keyed);
  await alice.put(`/v1/conversations/${cid}/messages/3/reactions/${encodeURIComponent('👍')}`);
  await alice.patch(`/v1/conversations/${cid}/messages/4`, { body: { text: 'y' } });
  await alice.put(`/v1/conversations/${cid}/read`, { seq: 5 });
  await alice.delete(`/v1/conversations/${cid}`);
  const left = async () => {
    const [row] = await sql`
      select (select count(*)::int from messages where conversation_id = ${cid}) as messages,
        (select count(*)::int from reactions where conversation_id = ${cid}) as reactions,
        (select count(*)::int from message_edits where conversation_id = ${cid}) as edits,
        (select count(*)::int from device_cursors where conversation_id = ${cid}) as cursors,
        (select count(*)::int from participants where conversation_id = ${cid}) as participants,
        (select name from conversations where conversation_id = ${cid}) as name`;
    return row;
  };
  const sagas = async () => {
    const { items } = (await house.operator.get('/admin/v1/sagas')).body;
    return items.find(({ subject }: { subject: string }) => subject === cid);
  };
  expect(await left()).toMatchObject({ reactions: 1, edits: 1, participants: 2, name: 'Plans' });
  expect(await sagas()).toMatchObject({ kind: 'purge conversation', status: 'running', step: 'messages', progress: 0 });

  // Not before its time, however many processes run jobs.
  await start('jobs');
  const [wait] = await sql`
    select extract(epoch from run_at - now())::int as seconds from jobs where payload ->> 'id' = ${(await sagas()).id}`;
  expect(wait?.['seconds']).toBeGreaterThan(3_000);
  await sql`update jobs set run_at = now() where kind = 'saga'`;
  await expect.poll(async () => (await sagas()).status).toBe('done');
  expect(await left()).toEqual({ messages: 0, reactions: 0, edits: 0, cursors: 0, participants: 0, name: null });
  const { progress, total } = await sagas();
  expect(progress).toBe(total);
  const repeat = await keyed.post('/v1/conversations', PLANS);
  expect(repeat).toMatchObject({ status: 409, body: { detail: expect.stringContaining('deleted') } });
  expect((await alice.get(`/v1/conversations/${cid}`)).status).toBe(404);
});

describe('[COMP-1] what the operator does to a tenant is written down', () => {
  const audit = async (tid: string, query = '') =>
    (await house.operator.get(`/admin/v1/tenants/${tid}/audit${query}`)).body;

  test('with the address, before and after, and no secret', async () => {
    const { tid } = await createTestTenant(house);
    const path = `/admin/v1/tenants/${tid}`;
    await house.operator.patch(path, { name: 'New', jwtSecret: 'x'.repeat(40) });
    await house.operator.post(`${path}/suspend`);
    await house.operator.post(`${path}/suspend`);
    await house.operator.post(`${path}/reactivate`);
    const key = await house.operator.post(`${path}/keys`, { name: 'second', scopes: ['users:read'] });
    await house.operator.delete(`${path}/keys/${key.body.keyId}`);
    await house.operator.delete(`${path}/keys/${key.body.keyId}`);
    const { items, next } = await audit(tid);
    expect(next).toBeNull();
    expect(items.map(({ seq, action }: { seq: number; action: string }) => `${seq} ${action}`)).toEqual([
      '1 create_tenant',
      '2 create_api_key',
      '3 update_tenant',
      '4 suspend_tenant',
      '5 reactivate_tenant',
      '6 create_api_key',
      '7 revoke_api_key',
    ]);
    expect(items[2]).toMatchObject({
      actor: 'operator',
      address: '127.0.0.1',
      target: `tenant:${tid}`,
      before: { plan: 'enterprise' },
      after: { name: 'New', jwtSecret: true },
    });
    expect(items[3]).toMatchObject({ before: { status: 'active' }, after: { status: 'suspended' } });
    const text = JSON.stringify(items);
    expect(text).not.toContain('xxxxx');
    expect(text).not.toContain(key.body.apiKey);
    expect(await audit(tid, '?limit=4')).toMatchObject({ items: { length: 4 }, next: expect.any(String) });
    const proof = await house.operator.get(`${path}/audit/verification`);
    expect(proof.body).toEqual({ entries: 7, brokenAt: null });
  });

  test('and what was refused is not', async () => {
    const [{ tid }, other] = [await createTestTenant(house), await createTestTenant(house)];
    const { body } = await house.operator.get(`/admin/v1/tenants/${other.tid}`);
    const taken = await house.operator.patch(`/admin/v1/tenants/${tid}`, { subdomain: body.subdomain });
    expect(taken.status).toBe(409);
    expect((await audit(tid)).items).toHaveLength(2);
  });

  test('so that a change of the log is found', async () => {
    const { tid } = await createTestTenant(house);
    const sql = database(house);
    await sql`alter table audit_log disable trigger audit_log_append_only`;
    await sql`update audit_log set address = '10.0.0.1' where tenant_id = ${tid} and seq = 2`;
    await sql`alter table audit_log enable trigger audit_log_append_only`;
    const proof = await house.operator.get(`/admin/v1/tenants/${tid}/audit/verification`);
    expect(proof.body).toEqual({ entries: 1, brokenAt: 2 });
  });
});

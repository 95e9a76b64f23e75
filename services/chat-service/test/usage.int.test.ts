/** Plans, quotas and metering, over REST and against the tables. */
import { randomUUID } from 'node:crypto';
import { TcpProxy } from '@messagecore/testkit';
import { connectBus } from '@messagecore/bus';
import { createUlid, systemClock } from '@messagecore/kernel';
import { subjects } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { answerConnections } from '../src/features/usage/connections.ts';
import { meter } from '../src/features/usage/meter.job.ts';
import { monthAt } from '../src/features/usage/months.ts';
import { watchQuotas } from '../src/features/usage/watch-quotas.job.ts';
import { createRedis } from '../src/platform/redis/redis.ts';
import { startChatService } from '../src/roles/app.ts';
import { type Answer, createClient } from './client.ts';
import type { JobKind } from '../src/platform/jobs/job-runner.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { USER } from './scim-client.ts';
import { seedMessages } from './seed.ts';
import { startTestRedis, startTestService, type TestService } from './service.ts';

const WAIT = { timeout: 60_000, interval: 50 };
const mid = createUlid();
const month = monthAt(Date.now());

let house: TestService;
let sql: postgres.Sql;
beforeAll(async () => {
  house = await startTestService();
  sql = house.sql();
});
afterAll(() => house.stop());

const limit = (tenant: TestTenant, limits: object) =>
  house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { limits });
const usageOf = async (tenant: TestTenant) => (await tenant.backEnd.get('/v1/tenant/usage')).body;
const send = (user: TestUser, cid: string, id = mid()) =>
  user.post(`/v1/conversations/${cid}/messages`, { mid: id, kind: 'text', body: { text: 'x' } });
async function room(user: TestUser, ...participants: string[]): Promise<string> {
  return (await user.post('/v1/conversations', { kind: 'private', participants })).body.cid;
}
const runJob = (job: JobKind) => sql.begin((tx) => job.run!(tx as never, {} as never));
const watch = () => runJob(watchQuotas(systemClock));

/** Sends until a send is refused, at most so many. Returns the answers. */
async function sendUntilRefused(user: TestUser, cid: string, most: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < most && answers.at(-1)?.status !== 429) answers.push(await send(user, cid));
  return answers;
}

test('a plan has its limits, and a tenant those that the operator set', async () => {
  const tenant = await createTestTenant(house);
  await house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { plan: 'basic' });
  expect(await usageOf(tenant)).toMatchObject({
    ...{ plan: 'basic', month, retentionDays: 30, notices: [] },
    users: { current: 0, limit: 100, percentage: 0 },
    messages: { current: 0, limit: 10_000, percentage: 0 },
    storageBytes: { current: 0 },
    connections: { current: 0, limit: 200 },
  });
  const changed = await limit(tenant, { messages: 7, users: null });
  expect([changed.status, changed.body.limits]).toEqual([200, { messages: 7, users: null }]);
  const usage = await house.operator.get(`/admin/v1/tenants/${tenant.tid}/usage/current`);
  expect(usage.body).toMatchObject({ messages: { limit: 7 }, users: { limit: null, percentage: null } });
  expect((await limit(tenant, {})).body.limits).toEqual({});
  const bad = await limit(tenant, { messages: -1, seats: 3 });
  expect([bad.status, bad.body.code]).toEqual([400, 'bad_request']);
  const unknown = await house.operator.get(`/admin/v1/tenants/${randomUUID()}/usage/current`);
  expect(unknown.status).toBe(404);
});

test('[LIM-20] messages of the month: refused when used up, repeats answered, passes again under a larger quota', async () => {
  const tenant = await createTestTenant(house);
  const [ann, bob] = [await tenant.user('ann'), await tenant.user('bob')];
  const cid = await room(ann, 'ext:bob');
  await limit(tenant, { messages: 5 });
  const id = mid();
  const first = await send(ann, cid, id);
  expect(first.status).toBe(201);
  let refused: Answer | undefined;
  await vi.waitUntil(async () => {
    const answer = await send(bob, cid);
    if (answer.status === 429) refused = answer;
    return refused !== undefined;
  }, WAIT);
  expect([refused?.body.code, refused?.body.detail]).toEqual(['quota_exceeded', expect.stringContaining('5 messages')]);
  const repeat = await send(ann, cid, id);
  expect([repeat.status, repeat.body]).toEqual([200, first.body]);
  // What the service says itself is neither counted nor refused.
  expect((await ann.patch(`/v1/conversations/${cid}`, { topic: 'full' })).status).toBe(200);
  const stored = await sql`select 1 from messages where tenant_id = ${tenant.tid} and kind <> 'sys'`;
  expect(stored.length).toBeGreaterThanOrEqual(5);
  await vi.waitUntil(async () => (await usageOf(tenant)).messages.current === stored.length, WAIT);
  await limit(tenant, { messages: 1_000 });
  await vi.waitUntil(async () => (await send(bob, cid)).status === 201, WAIT);
});

test('[LIM-21] users: exactly so many, however many are created at once; who is there gets a token', async () => {
  const tenant = await createTestTenant(house);
  await limit(tenant, { users: 5 });
  const mint = (name: string) => tenant.backEnd.post('/v1/tokens', { user: `ext:${name}` });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => mint(`user-${n % 10}`)));
  const [row] = await sql<{ count: number }[]>`select count(*)::int from users where tenant_id = ${tenant.tid}`;
  expect(row?.count).toBe(5);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 429]));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
  expect(answers.find(({ status }) => status === 429)?.body.code).toBe('quota_exceeded');
  const [present] = await sql<
    { name: string }[]
  >`select external_id as name from users where tenant_id = ${tenant.tid}`;
  expect((await mint(present?.name ?? '')).status).toBe(201);
  expect(await usageOf(tenant)).toMatchObject({
    users: { current: 5, limit: 5, percentage: 100 },
    notices: [
      { resource: 'users', percent: 80 },
      { resource: 'users', percent: 100 },
    ],
  });
  await tenant.backEnd.delete(`/v1/users/ext:${present?.name}`);
  expect((await mint('another')).status).toBe(201);
});

test('[LIM-21] users whom a directory provisions count too', async () => {
  const tenant = await createTestTenant(house);
  await limit(tenant, { users: 2 });
  await tenant.user('ann');
  const directory = house.rest.with({ authorization: `Bearer ${tenant.apiKey}` });
  const add = (userName: string) => directory.post('/scim/v2/Users', { schemas: [USER], userName });
  expect((await add('bob')).status).toBe(201);
  const refused = await add('cat');
  expect([refused.status, refused.body.detail]).toEqual([429, expect.stringContaining('2 users')]);
  expect(await usageOf(tenant)).toMatchObject({ users: { current: 2, limit: 2 } });
});

test('[LIM-22] 80 % and 100 % are told once a month each: an event, an entry of the log', async () => {
  const tenant = await createTestTenant(house);
  const ann = await tenant.user('ann');
  const cid = await room(ann);
  const bus = await connectBus({
    ...{ url: house.nats.url, name: 'test', log: createLogger({ name: 'test', level: 'silent' }) },
  });
  onTestFinished(() => bus.close());
  const events: object[] = [];
  bus.subscribe(subjects.tenant(tenant.tid), (data) => void events.push(JSON.parse(Buffer.from(data).toString())));
  await bus.flush();
  const counted = (messages: number) =>
    vi.waitUntil(async () => (await usageOf(tenant)).messages.current === messages, WAIT);

  for (let n = 0; n < 4; n += 1) await send(ann, cid);
  await counted(4);
  await limit(tenant, { messages: 5 });
  await Promise.all([watch(), watch()]);
  await watch();
  expect((await usageOf(tenant)).notices).toMatchObject([{ resource: 'messages', percent: 80 }]);
  await sendUntilRefused(ann, cid, 1);
  await counted(5);
  await watch();
  await watch();
  await vi.waitUntil(() => events.length >= 2, WAIT);
  const told = [
    { v: 1, event: 'usage', resource: 'messages', percent: 80, current: 4, limit: 5 },
    { v: 1, event: 'usage', resource: 'messages', percent: 100, current: 5, limit: 5 },
  ];
  expect(events).toEqual(told);
  const audit = await house.operator.get(`/admin/v1/tenants/${tenant.tid}/audit`);
  const entries = audit.body.items.filter(({ action }: { action: string }) => action === 'reach_quota');
  expect(entries.map(({ after }: { after: { percent: number } }) => after.percent).toSorted()).toEqual([100, 80]);
});

test('[TEN-5] what is metered is what the tables hold; the month and the file say the same', async () => {
  const tenant = await createTestTenant(house);
  const people = await tenant.users('ann', 'bob', 'cat');
  const cid = await room(people[0]!, 'ext:bob', 'ext:cat');
  // Yesterday, behind the service's back; counted with the next message.
  for (const { uid } of people.slice(1)) await seedMessages(sql, { tid: tenant.tid, cid, uid }, 2);
  await sql`update messages set created_at = created_at - interval '1 day' where tenant_id = ${tenant.tid} and kind = 'text'`;
  for (const person of people.slice(0, 2)) for (let n = 0; n < 3; n += 1) await send(person, cid);
  const range = `from=2020-01-01&to=2100-01-01`;
  const metered = async () => (await house.operator.get(`/admin/v1/tenants/${tenant.tid}/usage?${range}`)).body.days;
  await vi.waitUntil(async () => (await metered()).at(-1)?.messages === 6, WAIT);
  await runJob(meter(systemClock));
  const days = await sql`
    select (created_at at time zone 'UTC')::date::text as day, count(*)::int as messages,
      count(distinct sender_id)::int as "activeUsers"
    from messages where tenant_id = ${tenant.tid} and kind <> 'sys' group by 1 order by 1`;
  expect(await metered()).toMatchObject([...days]);
  expect((await metered()).at(-1)).toMatchObject({ users: 3, storageBytes: 0, peakConnections: 0 });
  const csv = await house.operator.get(`/admin/v1/tenants/${tenant.tid}/usage.csv?${range}`);
  expect([csv.status, csv.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
  await house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { limits: { users: 2, messages: 1 } });
  const summary = await house.operator.get(`/admin/v1/tenants/${tenant.tid}/usage/months/${month}`);
  const messages = (await usageOf(tenant)).messages.current;
  expect(summary.body).toMatchObject({ month, plan: 'enterprise', closed: false });
  expect(summary.body.lines).toEqual([
    { resource: 'users', used: 3, included: 2, overage: 1 },
    { resource: 'messages', used: messages, included: 1, overage: messages - 1 },
    { resource: 'storageBytes', used: 0, included: 1_000 * 1024 ** 3, overage: 0 },
    { resource: 'connections', used: 0, included: 20_000, overage: 0 },
  ]);
  const past = await house.operator.get(`/admin/v1/tenants/${tenant.tid}/usage/months/2020-01`);
  expect(past.body).toMatchObject({ closed: true, activeUsers: 0 });
});

/** A second process of the installation, whose Redis is reached through a proxy and may be killed. */
async function withOwnRedis() {
  const redis = await startTestRedis();
  const proxy = await TcpProxy.start({ host: '127.0.0.1', port: Number(new URL(redis.url).port) });
  const service = await startChatService({ ...house.config, port: 0, redisUrl: `redis://127.0.0.1:${proxy.port}` });
  onTestFinished(async () => {
    await service.stop();
    await proxy.stop();
  });
  return { redis, proxy, rest: createClient(service.url) };
}

test('[TEN-4] Redis slow, emptied, gone: no send is lost or refused that should not be, and one is when all is used', async () => {
  const { redis, proxy, rest } = await withOwnRedis();
  const tenant = await createTestTenant(house);
  const token = (await tenant.user('ann')).token;
  const ann = { ...rest.with({ authorization: `Bearer ${token}` }), uid: '', token };
  const cid = await room(ann);
  const quota = 480;
  await limit(tenant, { messages: quota });
  const operator = createRedis({ urls: redis.url }, () => {});
  await operator.connect();
  onTestFinished(() => operator.disconnect());
  let stored = 0;
  const refusedAt: number[] = [];
  async function load(sends: number): Promise<void> {
    const answers = await Promise.all(Array.from({ length: sends }, () => send(ann, cid)));
    for (const { status, body } of answers) {
      expect([status, body.code]).toBeOneOf([
        [201, undefined],
        [429, 'quota_exceeded'],
      ]);
    }
    stored += answers.filter(({ status }) => status === 201).length;
    if (answers.some(({ status }) => status === 429)) refusedAt.push(stored);
  }
  const troubles = [
    async () => proxy.set({ delayMs: 500 }),
    async () => proxy.set({}),
    () => operator.flushall(),
    () => redis.stop(),
    async () => proxy.cut(),
  ];
  for (const trouble of troubles) {
    await trouble();
    for (let n = 0; n < 4; n += 1) await load(20);
  }
  expect([stored, refusedAt]).toEqual([400, []]);
  await vi.waitUntil(async () => {
    await load(20);
    return refusedAt.length > 0;
  }, WAIT);
  expect(refusedAt[0]).toBeGreaterThanOrEqual(quota);
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from messages where tenant_id = ${tenant.tid} and kind <> 'sys'`;
  expect(row?.count).toBe(stored);
  await vi.waitUntil(async () => (await usageOf(tenant)).messages.current === stored, WAIT);
});

test('[LIM-21] the reports of a gateway that has crashed count for about one interval, for the limit and the peak', async () => {
  const tenant = await createTestTenant(house);
  await limit(tenant, { connections: 5 });
  const report = async (gateway: string, connections: number) =>
    (await answerConnections(sql as never, [{ gateway, tid: tenant.tid, connections }], systemClock))[0];
  const isOld = (gateway: string, seconds: number) => sql`
    update usage_connections set seen_at = clock_timestamp() - ${seconds} * interval '1 second'
    where tenant_id = ${tenant.tid} and gateway = ${gateway}`;
  await report('crashed', 3);
  await isOld('crashed', 9);
  expect(await report('other', 1)).toEqual({ total: 4, limit: 5 });
  await isOld('crashed', 13);
  expect(await report('other', 4)).toEqual({ total: 4, limit: 5 });
  const [day] = await sql<{ peak: number }[]>`
    select max(peak_connections)::int as peak from usage_daily where tenant_id = ${tenant.tid}`;
  expect(day?.peak).toBe(4);
  expect((await usageOf(tenant)).connections.current).toBe(4);
});

/** The deletion of a tenant (TEN-1, HOOK-5): everything stops, can be taken back, and is gone from wherever it was. */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { streamState } from '@messagecore/bus';
import { createUlid, systemClock } from '@messagecore/kernel';
import { subjects } from '@messagecore/protocol/bus';
import { Redis } from 'ioredis';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { meter } from '../src/features/usage/meter.job.ts';
import { startChatService } from '../src/roles/app.ts';
import { testServers } from './config.ts';
import { connectTestBus, listen } from './listen.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let sql: postgres.Sql;
beforeAll(async () => {
  house = await startTestService();
  sql = house.sql();
});
afterAll(() => house.stop());

const PLATFORM_TENANT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const newMid = createUlid();
const pathOf = (tid: string) => `/admin/v1/tenants/${tid}/deletion`;

/**
 * Tables without a column for the tenant whose rows are a tenant's all the same, and how these are counted; all others are
 * the platform's own.
 */
const WITHOUT_TENANT: Readonly<Record<string, string>> = {
  tenants: 'id = $1',
  usage_marks: 'conversation_id in (select unnest($2::uuid[]))',
};
const OF_PLATFORM = new Set([
  ...['bus_state', 'consumers', 'consumer_dead_letters', 'leases', 'outbox', 'schedules', 'system_settings'],
  '__drizzle_migrations',
]);

/** The relay empties these, whoever looks what everybody has read, and who settles whom a message mentions. */
const DRAINS = ['outbox_events', 'outbox_participants', 'reading_notices', 'open_group_mentions'];
const drained = Object.fromEntries(DRAINS.map((name) => [name, 0]));

/** Rows of a tenant in each table. A table that nobody has said anything about fails the test. */
async function rowsOf(tid: string, cids: readonly string[]): Promise<Record<string, number>> {
  const tables = await sql<{ name: string; own: boolean }[]>`
    select table_name as name, bool_or(column_name = 'tenant_id') as own
    from information_schema.columns where table_schema = 'public'
      and table_name in (select relname from pg_class where relkind in ('r', 'p')) group by 1 order by 1`;
  const counts: Record<string, number> = {};
  for (const { name, own } of tables) {
    const where = own ? 'tenant_id = $1' : WITHOUT_TENANT[name];
    if (where === undefined) {
      expect(OF_PLATFORM, `say in this file whose rows ${name} has`).toContain(name);
      continue;
    }
    const parameters = where.includes('$2') ? [tid, [...cids]] : [tid];
    const text = where.includes('$2') && !where.includes('$1') ? `${where} and $1::text is not null` : where;
    const [row] = await sql.unsafe<{ rows: number }[]>(
      `select count(*)::int as rows from ${name} where ${text}`,
      parameters,
    );
    counts[name] = row?.rows ?? 0;
  }
  return counts;
}

interface Full {
  readonly tenant: TestTenant;
  readonly cids: readonly string[];
}

/** A tenant with something in every table, a file, and messages in the stream. */
async function fullTenant(): Promise<Full> {
  const tenant = await createTestTenant(house);
  const { tid } = tenant;
  const [ann, bob, cat] = [
    await tenant.user('ann', { clientId: 'phone' }),
    await tenant.user('bob'),
    await tenant.user('cat'),
  ];
  const users = [bob.uid, cat.uid];
  const cids: string[] = [];
  for (const body of [
    { kind: 'group', name: 'all', participants: users },
    { kind: 'dm', participants: [bob.uid] },
  ]) {
    cids.push((await ann.post('/v1/conversations', body)).body.cid);
  }
  for (const cid of cids) {
    for (let n = 0; n < 5; n += 1) {
      await ann.post(`/v1/conversations/${cid}/messages`, { mid: newMid(), kind: 'text', body: { text: `${n}` } });
    }
    await ann.patch(`/v1/conversations/${cid}/messages/1`, { body: { text: 'edited' } });
    await ann.put(`/v1/conversations/${cid}/messages/1/reactions/${encodeURIComponent('👍')}`);
  }
  await tenant.backEnd.put('/v1/tenant/endpoints/cards', { url: 'https://hooks.example/' });
  await ann.post('/v1/reminders', { reminderId: newMid(), at: Date.now() + 3_600_000, note: 'call' });
  await house.operator.post(`/admin/v1/tenants/${tid}/audit/exports`);
  await expect.poll(async () => (await rowsOf(tid, cids))['usage_marks'], { timeout: 60_000 }).toBe(cids.length);
  // As every hour: it writes no further rows when it runs meanwhile.
  await sql.begin((tx) => meter(systemClock).run!(tx as never, {} as never));
  await expect.poll(() => filesOf(tid), { timeout: 60_000 }).not.toEqual([]);
  const empty = Object.entries(await rowsOf(tid, cids)).flatMap(([name, rows]) => (rows === 0 ? [name] : []));
  for (const table of empty.filter((name) => !DRAINS.includes(name)))
    await addRow(table, { tid, cid: cids[0]!, uid: ann.uid });
  return { tenant, cids };
}

interface Owner {
  readonly tid: string;
  readonly cid: string;
  readonly uid: string;
}

/** Puts a row of the tenant into any table, without regard to what its rows refer to. */
async function addRow(table: string, owner: Owner): Promise<void> {
  const columns = await sql<{ name: string; type: string }[]>`
    select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attnotnull and not atthasdef
      and attidentity = ''`;
  const checks = await sql<{ text: string }[]>`
    select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = ${table}::regclass and contype = 'c'`;
  const values = columns.map(({ name, type }) => [
    name,
    valueFor(
      name,
      type,
      owner,
      checks.map(({ text }) => text),
    ),
  ]);
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into ${tx(table)} ${tx(Object.fromEntries(values))}`;
  });
}

/** Of a column that takes certain values the first one, as its check names it. */
function valueFor(name: string, type: string, { tid, cid, uid }: Owner, checks: readonly string[]): unknown {
  const owner: Readonly<Record<string, string>> = { tenant_id: tid, conversation_id: cid, user_id: uid };
  const [choice] = checks.flatMap((text) => new RegExp(`\\(${name} = ANY \\(ARRAY\\['([^']*)'`).exec(text)?.[1] ?? []);
  if (owner[name] !== undefined || choice !== undefined) return owner[name] ?? choice;
  if (type.endsWith('[]')) return [];
  if (/int|numeric|double/.test(type)) return 1;
  if (/timestamp|date/.test(type)) return new Date();
  const others: Readonly<Record<string, unknown>> = { uuid: randomUUID(), boolean: false, bytea: Buffer.from('x') };
  return type.startsWith('json') ? sql.json({}) : (others[type] ?? randomUUID());
}

const blobFolder = () => (house.config.blobs as { folder: string }).folder;
const filesOf = (tid: string) => readdir(join(blobFolder(), tid), { recursive: true }).catch(() => []);

const deletionOf = async (tid: string) => (await house.operator.get(pathOf(tid))).body;
const isDone = (tid: string) =>
  expect.poll(async () => (await deletionOf(tid)).status, { timeout: 60_000, interval: 200 }).toBe('done');

test('[TNT-6] [TEN-1] during the time of grace all of it has stopped, and can be taken back', async () => {
  const tenant = await createTestTenant(house);
  const { tid } = tenant;
  const ann = await tenant.user('ann');
  const heard = await listen(house, subjects.tenant(tid));
  const before = await rowsOf(tid, []);
  const started = await house.operator.post(pathOf(tid), {});
  expect([started.status, started.body]).toMatchObject([201, { tenantId: tid, status: 'waiting', step: 'grace' }]);
  expect(started.body.startsAt - started.body.requestedAt).toBe(7 * 24 * 3_600_000);
  for (const client of [tenant.backEnd, ann]) expect((await client.get('/v1/users')).status).toBe(401);
  expect((await house.operator.get(`/admin/v1/tenants/${tid}`)).status).toBe(404);
  expect((await house.operator.post(pathOf(tid), {})).body.code).toBe('conflict');

  expect((await house.operator.delete(pathOf(tid))).status).toBe(204);
  for (const client of [tenant.backEnd, ann]) expect((await client.get('/v1/users')).status).toBe(200);
  expect((await house.operator.get(pathOf(tid))).status).toBe(404);
  expect((await house.operator.delete(pathOf(tid))).status).toBe(404);
  const after = await rowsOf(tid, []);
  expect({ ...after, audit_log: 0, ...drained }).toEqual({ ...before, audit_log: 0, ...drained });
  await expect.poll(() => heard.map(({ event }) => event)).toEqual(['suspended', 'reactivated']);
  const { body } = await house.operator.get(`/admin/v1/tenants/${tid}/audit`);
  expect(body.items.slice(-2)).toMatchObject([{ action: 'delete_tenant' }, { action: 'undelete_tenant' }]);
});

test('a tenant that was suspended is suspended again', async () => {
  const { tid, backEnd } = await createTestTenant(house);
  await house.operator.post(`/admin/v1/tenants/${tid}/suspend`);
  await house.operator.post(pathOf(tid), {});
  await house.operator.delete(pathOf(tid));
  expect((await backEnd.get('/v1/users')).body.code).toBe('tenant_suspended');
});

test('[TEN-1] [HOOK-5] nothing is left of it anywhere, and another tenant is as it was', async () => {
  const [doomed, other] = [await fullTenant(), await fullTenant()];
  const { tid } = doomed.tenant;
  const redis = new Redis(testServers().redisUrl);
  await redis.set(`quota:${tid}:2026-11`, 1);
  await redis.set(`quota:${other.tenant.tid}:2026-11`, 1);
  const bus = await connectTestBus(house);
  const full = await rowsOf(tid, doomed.cids);
  expect(Object.entries(full).filter(([name, rows]) => rows === 0 && !DRAINS.includes(name))).toEqual([]);
  const [others, othersFiles] = [await rowsOf(other.tenant.tid, other.cids), await filesOf(other.tenant.tid)];

  await house.operator.post(pathOf(tid), { graceHours: 0 });
  await isDone(tid);

  const left = await rowsOf(tid, doomed.cids);
  expect(left).toEqual(Object.fromEntries(Object.keys(full).map((name) => [name, 0])));
  expect({ ...(await rowsOf(other.tenant.tid, other.cids)), ...drained }).toEqual({ ...others, ...drained });
  expect((await readdir(blobFolder())).includes(tid)).toBe(false);
  expect(await filesOf(other.tenant.tid)).toEqual(othersFiles);
  expect(await redis.keys(`*${tid}*`)).toEqual([]);
  expect(await redis.exists(`quota:${other.tenant.tid}:2026-11`)).toBe(1);
  redis.disconnect();
  const info = await bus.request('$JS.API.STREAM.INFO.CHAT', JSON.stringify({ subjects_filter: `conv.${tid}.>` }), {
    timeoutMs: 20_000,
  });
  expect(JSON.parse(Buffer.from(info).toString()).state).not.toHaveProperty('subjects');
  expect((await streamState(bus))?.lastSeq).toBeGreaterThan(0);

  const { body } = await house.operator.get(`/admin/v1/tenants/${PLATFORM_TENANT}/audit?limit=200`);
  const told = body.items.filter((entry: { target: string }) => entry.target === `tenant:${tid}`);
  expect(told).toMatchObject([{ action: 'delete_tenant', actor: 'operator', before: { plan: 'enterprise' } }]);
  expect(told[0].address).not.toBe('');
  expect((await deletionOf(tid)).progress).toBeGreaterThan(50);
  expect((await house.operator.delete(pathOf(tid))).body.code).toBe('conflict');
  const verdict = await house.operator.get(`/admin/v1/tenants/${other.tenant.tid}/audit/verification`);
  expect(verdict.body.brokenAt).toBeNull();
});

test('[HOOK-5] cut off in the middle, again and again, it goes on to the end', async () => {
  const { tenant, cids } = await fullTenant();
  const { tid } = tenant;
  const [cid = ''] = cids;
  await sql`
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
    select ${cid}, n, ${tid}, lpad(n::text, 26, '0'), created_by, '', 'text', '{"text":"x"}', now()
    from conversations, generate_series(1001, 60000) n where conversation_id = ${cid}`;
  const second = await startChatService({ ...house.config, roles: new Set(['jobs']) });
  await house.operator.post(pathOf(tid), { graceHours: 0 });
  for (let cuts = 0; (await deletionOf(tid)).status !== 'done'; cuts += 1) {
    if (cuts > 0 && cuts <= 5) {
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'chat-service background'
          and query ilike '%delete from%' and pid <> pg_backend_pid()`;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await second.stop();
  const left = await rowsOf(tid, cids);
  expect(Object.values(left).every((rows) => rows === 0)).toBe(true);
});

import { createUlid } from '@messagecore/kernel';
import { startPostgres } from '@messagecore/dev-servers';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { migrate } from '../src/platform/database/migrations.ts';
import { createTestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestRedis, startTestService } from './service.ts';

const mid = createUlid();
const send = (user: TestUser, cid: string, id = mid()) =>
  user.post(`/v1/conversations/${cid}/messages`, { mid: id, kind: 'text', body: { text: 'x' } });

test('[CORE-4] Redis down, from the start or later: everything works, health says so', async () => {
  const redis = await startTestRedis();
  const house = await startTestService({ redisUrl: redis.url });
  onTestFinished(() => house.stop());
  const alice = await (await createTestTenant(house)).user('alice');
  const { body: room } = await alice.post('/v1/conversations', { kind: 'private' });
  expect((await send(alice, room.cid)).status).toBe(201);

  await redis.kill();
  expect((await send(alice, room.cid)).status).toBe(201);
  const health = await house.rest.get('/health');
  expect(health.status).toBe(503);
  expect(health.body.checks).toMatchObject({ redis: { ok: false }, database: { ok: true }, bus: { ok: true } });
  expect((await house.rest.get('/ready')).status).toBe(200);

  const second = await startTestService({ redisUrl: redis.url });
  onTestFinished(() => second.stop());
  expect((await createTestTenant(second)).tid).toBeDefined();

  await redis.restart();
  await expect.poll(async () => (await house.rest.get('/health')).status, { timeout: 60_000 }).toBe(200);
});

test('PostgreSQL down: 503 with Retry-After, soon; back again: all works by itself', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chat-service-pg-'));
  const database = await startPostgres({ dataDir: dir, durable: true });
  onTestFinished(async () => {
    await database.stop();
    await rm(dir, { recursive: true, force: true });
  });
  await migrate(database.url);
  const house = await startTestService({ databaseUrl: database.url });
  onTestFinished(() => house.stop());
  const alice = await (await createTestTenant(house)).user('alice');
  const { body: room } = await alice.post('/v1/conversations', { kind: 'private' });
  const lost = mid();

  await database.kill();
  for (const ask of [
    () => alice.get('/v1/users/me'),
    () => send(alice, room.cid, lost),
    () => house.operator.get('/admin/v1/tenants'),
  ]) {
    const { status, body, headers } = await ask();
    expect([status, body.code]).toEqual([503, 'unavailable']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body.detail).not.toContain('ECONN');
  }
  await database.restart();
  await expect.poll(async () => (await send(alice, room.cid, lost)).status, { timeout: 60_000 }).toBeLessThan(300);
  expect((await alice.get(`/v1/conversations/${room.cid}`)).body.head).toBe(1);
});

test('[SEND-10] NATS down: REST goes on; back again: gateways are served', async () => {
  const house = await startTestService();
  onTestFinished(() => house.stop());
  const alice = await (await createTestTenant(house)).user('alice');
  const { body: room } = await alice.post('/v1/conversations', { kind: 'private' });
  await house.nats.kill();
  expect((await send(alice, room.cid)).status).toBe(201);
  expect((await alice.patch(`/v1/conversations/${room.cid}`, { name: 'N' })).status).toBe(200);
  await house.nats.restart();
  await expect.poll(async () => (await house.rest.get('/health')).status, { timeout: 60_000 }).toBe(200);
});

const MIB = 1024 * 1024;

test('NATS that has no room for any stream: health says so and why, and everything else works', async () => {
  const house = await startTestService({}, { maxFileStore: MIB });
  onTestFinished(() => house.stop());
  const alice = await (await createTestTenant(house)).user('alice');
  const { body: room } = await alice.post('/v1/conversations', { kind: 'private' });
  expect((await send(alice, room.cid)).status).toBe(201);
  const health = await house.rest.get('/health');
  expect(health.status).toBe(503);
  expect(health.body.checks).toMatchObject({ bus: { ok: true }, publications: { ok: true } });
  expect(health.body.checks.stream).toMatchObject({ ok: false, error: expect.stringContaining('insufficient') });
});

test('NATS that has room for a smaller stream: that is used, and told', async () => {
  const house = await startTestService({}, { maxFileStore: 100 * MIB });
  onTestFinished(() => house.stop());
  const { status, body } = await house.rest.get('/health');
  expect(status).toBe(200);
  expect(body.warnings).toContain('the stream holds 64 MiB instead of 1024 MiB');
});

test('stopped in the middle of sends: each is answered or its connection refused, and what was answered is stored', async () => {
  const house = await startTestService();
  onTestFinished(() => house.stop());
  const alice = await (await createTestTenant(house)).user('alice');
  const { body: room } = await alice.post('/v1/conversations', { kind: 'private' });
  const underWay = Array.from({ length: 40 }, () => send(alice, room.cid).catch(() => undefined));
  await Promise.race(underWay);
  await house.service.stop();
  const answers = (await Promise.all(underWay)).filter((answer) => answer !== undefined);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  const stored = await database(house)`select seq from messages where conversation_id = ${room.cid}`;
  const seqs = new Set(stored.map(({ seq }) => Number(seq)));
  for (const { body } of answers) expect(seqs).toContain(body.seq);
});

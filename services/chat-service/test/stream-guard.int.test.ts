/** The stream guard, on real PostgreSQL and NATS: what it does about a stream that went back or takes nothing any more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus, createPublisher, streamState } from '@messagecore/bus';
import { type NatsServer, startNats } from '@messagecore/dev-servers';
import { deferred, VirtualClock } from '@messagecore/kernel';
import { STREAM } from '@messagecore/protocol/bus';
import { createLogger, createMetrics } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { relayPage } from '../src/core/relay/relay.ts';
import { type GuardDeps, guardStream } from '../src/core/relay/stream-guard.ts';
import { StreamHealth } from '../src/core/relay/stream-health.ts';
import type { Store } from '../src/platform/database/connect.ts';
import { numbers, streamed, upTo } from './streamed.ts';
import { createDatabase, createRoom, messageTo, newAppender, type TestDatabase } from './rooms.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'stream-guard-'));
let nats: NatsServer;
let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  [nats, database] = await Promise.all([startNats({ dataDir: folder, log: () => {} }), createDatabase()]);
  store = database.store;
});

afterAll(async () => {
  await Promise.all([nats.stop(), database.drop()]);
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await nats.stop();
  await nats.wipeStore();
  await nats.restart();
  await store.sql`truncate outbox, leases, bus_state, messages, message_edits, reactions, poll_votes cascade`;
});

async function connected(): Promise<Bus> {
  const bus = await connectBus({ url: nats.url, name: 'test', log });
  onTestFinished(() => bus.close());
  return bus;
}

function guardOn(bus: Bus, { sql, patient }: Store = store): GuardDeps {
  return { sql, patient, bus, log, publisher: createPublisher(bus, { ackTimeoutMs: 5_000 }) };
}

test('a stream that went back is filled again, by one instance', async () => {
  const bus = await connected();
  const room = await createRoom(store);
  await newAppender(store).appendAll(Array.from({ length: 20 }, () => messageTo(room)));
  await store.sql`delete from outbox`;
  const guards = [store, database.open(), database.open()].map((at) => guardOn(bus, at));

  await guardStream(guards[0]!);
  expect(await streamed(bus)).toEqual([]);

  await store.sql`update bus_state set last_seq = 1000`;
  await Promise.all(guards.map(guardStream));
  expect(numbers(await streamed(bus), room)).toEqual(upTo(20));

  // Known now: nothing more is published.
  await Promise.all(guards.map(guardStream));
  expect(await streamed(bus)).toHaveLength(20);
});

test('no transaction is open while a refill waits for the bus, and others leave it to the one that is at it', async () => {
  const bus = await connected();
  const rooms = [await createRoom(store), await createRoom(store)];
  await newAppender(store).appendAll(Array.from({ length: 600 }, (_, n) => messageTo(rooms[n % 2]!)));
  const guard = guardOn(bus, database.open({ applicationName: 'slow-guard' }));
  await guardStream(guard);
  await store.sql`update bus_state set created_at = 'another'`;
  const [reached, gate] = [deferred(), deferred()];
  const publish: typeof guard.publisher.publish = async (...publication) => {
    reached.resolve();
    await gate.promise;
    return guard.publisher.publish(...publication);
  };
  const refill = guardStream({ ...guard, publisher: { ...guard.publisher, publish } });
  await reached.promise;
  await vi.waitUntil(
    async () => {
      const open = await store.sql`
        select from pg_stat_activity
        where application_name = 'slow-guard' and (xact_start is not null or backend_xmin is not null)`;
      return open.length === 0;
    },
    { timeout: 60_000 },
  );
  await guardStream(guardOn(bus, database.open()));
  expect(await streamed(bus)).toEqual([]);
  gate.resolve();
  await refill;
  const all = await streamed(bus);
  for (const room of rooms) expect(numbers(all, room)).toEqual(upTo(300));
});

test('a refill that fails is done again from the beginning', async () => {
  const bus = await connected();
  const room = await createRoom(store);
  await newAppender(store).appendAll(Array.from({ length: 20 }, () => messageTo(room)));
  const guard = guardOn(bus);
  await guardStream(guard);
  await store.sql`update bus_state set created_at = 'another'`;
  const failing = { ...guard, publisher: { ...guard.publisher, publish: () => Promise.reject(new Error('cut off')) } };
  await expect(guardStream(failing)).rejects.toThrow('cut off');
  await guardStream(guard);
  expect(numbers(await streamed(bus), room)).toEqual(upTo(20));
});

test('[CORE-3] a stream that is there and acknowledges nothing any more is made anew, by one instance, and filled', async () => {
  const bus = await connected();
  const clock = new VirtualClock();
  const room = await createRoom(store);
  const publisher = createPublisher(bus, { ackTimeoutMs: 5_000, clock });
  const instance = (at: Store) => {
    const health = new StreamHealth({
      log,
      metrics: createMetrics('test'),
      silences: () => [publisher.silence],
      clock,
    });
    return { ...guardOn(bus, at), publisher, health };
  };
  const [one, other] = [instance(store), instance(database.open())];
  await Promise.all([one, other].map(guardStream));
  await newAppender(store).appendAll(Array.from({ length: 20 }, () => messageTo(room)));
  const { createdAt } = (await streamState(bus))!;
  // It takes nothing any more, as one with a full disk.
  const ask = (operation: string, body = '') =>
    bus.request(`$JS.API.STREAM.${operation}.${STREAM}`, body, { timeoutMs: 5_000 });
  const { config } = JSON.parse(Buffer.from(await ask('INFO')).toString()) as { config: object };
  await ask('UPDATE', JSON.stringify({ ...config, max_msg_size: 1 }));
  const relayed = () => relayPage({ ...one, ageMs: 0 });

  await expect(relayed()).rejects.toMatchObject({ reason: 'refused' });
  clock.advance(9_000);
  await expect(relayed()).rejects.toMatchObject({ reason: 'refused' });
  expect(one.health.problem).toContain('nothing acknowledged for 9 s');
  await guardStream(one);
  expect((await streamState(bus))?.createdAt).toBe(createdAt);
  clock.advance(1_000);
  await expect(relayed()).rejects.toMatchObject({ reason: 'refused' });
  await Promise.all([one, other].map(guardStream));

  const made = (await streamState(bus))?.createdAt;
  expect(made).not.toBe(createdAt);
  expect(numbers(await streamed(bus), room)).toEqual(upTo(20));
  await Promise.all([one, other].map(guardStream));
  expect((await streamState(bus))?.createdAt).toBe(made);
  expect([one.health.problem, other.health.problem]).toEqual([undefined, undefined]);
  expect(await relayed()).toBeGreaterThan(0);
});

test('asks for as many copies of the stream as are wanted', async () => {
  const bus = await connected();
  // A single server has no place for three.
  await expect(guardStream({ ...guardOn(bus), replicas: 3 })).rejects.toMatchObject({
    cause: expect.stringContaining('replicas'),
  });
});

test('a look that gets no answer from the database is given up, and the next one is as if it had not been', async () => {
  const clock = new VirtualClock();
  const health = new StreamHealth({ log, metrics: createMetrics('test'), silences: () => [], clock });
  const deps = { ...guardOn(await connected()), health, timing: { clock } };
  const unanswered = (() => new Promise(() => {})) as unknown as Store['sql'];
  const look = guardStream({ ...deps, sql: unanswered });
  clock.advance(30_000);
  await expect(look).rejects.toThrow('no answer');
  expect(health.problem).toContain('no answer');
  await guardStream(deps);
  expect(health.problem).toBeUndefined();
});

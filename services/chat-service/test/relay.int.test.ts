/** From the outbox to the stream, on real PostgreSQL and a NATS that is killed and loses its store. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus, createPublisher, ensureStream, streamState } from '@messagecore/bus';
import { type NatsServer, startNats } from '@messagecore/dev-servers';
import { deferred } from '@messagecore/kernel';
import { createLogger, createMetrics } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startPublishing } from '../src/core/relay/publish-committed.ts';
import { type RelayDeps, relayPage, startRelay } from '../src/core/relay/relay.ts';
import { startPublication } from '../src/core/relay/start.ts';
import type { Store } from '../src/platform/database/connect.ts';
import { changeMessages } from '../src/core/messages/change-message.ts';
import { numbers, streamed, upTo } from './streamed.ts';
import { createDatabase, createRoom, messageTo, newAppender, newMid, type Room, type TestDatabase } from './rooms.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'relay-'));
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

function relayOn(bus: Bus, at: Store = store): RelayDeps {
  return {
    sql: at.sql,
    bus,
    log,
    publisher: createPublisher(bus, { ackTimeoutMs: 5_000 }),
    ageMs: 0,
  };
}

/** The product's own composition, stopped with the test. */
async function publication(bus: Bus, at: Store = store) {
  const running = await startPublication({ ...at, bus, signals: bus, log, metrics: createMetrics('test') });
  onTestFinished(() => running.stop());
  return running;
}

const outboxRows = async () => (await store.sql`select from outbox`).length;
const untilPublished = () => vi.waitUntil(async () => (await outboxRows()) === 0, { timeout: 60_000 });

/** Sends one message a transaction, by a writer that dies before it publishes. */
async function commitOnly(rooms: readonly Room[], rounds: number): Promise<void> {
  const appender = newAppender(store);
  for (let round = 0; round < rounds; round += 1) {
    for (const room of rooms) await appender.append(messageTo(room));
  }
}

test('[CORE-3] what is committed is in the stream, and the outbox empty', async () => {
  const bus = await connected();
  const { publish } = await publication(bus);
  const rooms = [await createRoom(store), await createRoom(store)];
  const appender = newAppender(store, { publish });
  await Promise.all(Array.from({ length: 200 }, (_, n) => appender.append(messageTo(rooms[n % 2]!))));
  const [room] = rooms;
  const react = (emoji: string) => ({ t: 'react', emoji, on: true }) as const;
  const { tid, cid, users } = room!;
  const items = ['👍', '❤'].map((emoji) => ({ tid, cid, uid: users[0]!, seq: 1, change: react(emoji) }));
  await changeMessages({ sql: store.sql, publish }, items);
  await untilPublished();
  const all = await streamed(bus);
  for (const each of rooms) expect(numbers(all, each)).toEqual(upTo(100));
  expect(numbers(all, room!, 'updates')).toEqual([1, 2]);
  expect(all).toHaveLength(202);
});

test('[CORE-3] the relay publishes what a dead writer left, in the order of each conversation', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const rooms = [await createRoom(store), await createRoom(store), await createRoom(store)];
  await commitOnly(rooms, 50);
  expect(await outboxRows()).toBe(150);
  for (const relay = relayOn(bus); (await relayPage(relay)) > 0;);
  expect(await outboxRows()).toBe(0);
  const all = await streamed(bus);
  for (const room of rooms) expect(numbers(all, room)).toEqual(upTo(50));
});

test('a trace goes on over the outbox: what the relay publishes has it, of those messages alone that are recorded', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store);
  const appender = newAppender(store);
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const [plain, traced] = [messageTo(room), messageTo(room, { trace })];
  await appender.append(plain);
  await appender.append(traced);
  await appender.append(messageTo(room));
  expect(await store.sql`select traces from outbox order by id`).toEqual([
    { traces: null },
    { traces: `${traced.mid}=${trace}` },
    { traces: null },
  ]);
  const heard: (string | undefined)[] = [];
  bus.subscribe('conv.>', (payload, _, header) => {
    heard.push(header('traceparent') ?? (Buffer.from(payload).includes(plain.mid) ? 'none' : undefined));
  });
  await bus.flush();
  await relayPage(relayOn(bus));
  await vi.waitUntil(() => heard.length === 3, { timeout: 30_000 });
  expect(heard).toEqual(['none', trace, undefined]);
});

test('[CORE-3] relays of several instances at once publish everything in order', async () => {
  const rooms = [await createRoom(store), await createRoom(store)];
  await commitOnly(rooms, 150);
  const buses = [await connected(), await connected(), await connected()];
  await ensureStream(buses[0]!);
  const loops = buses.map((bus) => startRelay(relayOn(bus, database.open())));
  await untilPublished();
  await Promise.all(loops.map((loop) => loop.stop()));
  const all = await streamed(buses[0]!);
  for (const room of rooms) expect(numbers(all, room)).toEqual(upTo(150));
});

test('while one relay is at it the others leave the rows to it', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store);
  await commitOnly([room], 3);
  const relay = relayOn(bus);
  const [reached, gate] = [deferred(), deferred()];
  const slow: typeof relay.publisher = {
    ...relay.publisher,
    async publish(...publication) {
      reached.resolve();
      await gate.promise;
      return relay.publisher.publish(...publication);
    },
  };
  const first = relayPage({ ...relay, publisher: slow });
  await reached.promise;
  expect(await relayPage({ ...relay, sql: database.open().sql })).toBe(0);
  gate.resolve();
  expect(await first).toBe(3);
  expect(numbers(await streamed(bus), room)).toEqual(upTo(3));
});

/** Rows of many conversations each, as a full batch of the send path leaves them. */
async function commitWide(rows: number, rooms: number): Promise<void> {
  const tid = randomUUID();
  await store.sql`
    with r as (select gen_random_uuid() as cid, n from generate_series(0, ${rows * rooms - 1}::int) n),
    stored as (
      insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
      select cid, 1, ${tid}::uuid, ${newMid()}, ${tid}::uuid, 'd', 'text', '{"text":"hello"}', now() from r
    )
    insert into outbox (topic, created_at, conversation_ids, firsts, lasts)
    select 'msg', now(), array_agg(cid), array_agg(1::bigint), array_agg(1::bigint) from r group by n / ${rooms}::int`;
}

test('[CORE-3] wide rows are published a few at a time, so that a slow bus gets on', async () => {
  const bus = await connected();
  await ensureStream(bus);
  await commitWide(8, 500);
  const relay = relayOn(bus);
  expect(await relayPage(relay)).toBe(4);
  expect(await outboxRows()).toBe(4);
  const loop = startRelay(relay);
  await untilPublished();
  await loop.stop();
  expect(await streamed(bus)).toHaveLength(4_000);
});

test('[CORE-3] no transaction is open while the relay waits for the bus, and others leave the rows to it', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store);
  await commitOnly([room], 3);
  const relay = relayOn(bus, database.open({ applicationName: 'slow-relay' }));
  const [reached, gate] = [deferred(), deferred()];
  const publish = () => {
    reached.resolve();
    return gate.promise.then(() => ({ streamSeq: 1, duplicate: false }));
  };
  const page = relayPage({ ...relay, publisher: { ...relay.publisher, publish } });
  await reached.promise;
  // All sessions of this relay have ended what they were doing.
  await vi.waitUntil(
    async () => {
      const open = await store.sql`
        select from pg_stat_activity
        where application_name = 'slow-relay' and (xact_start is not null or backend_xmin is not null)`;
      return open.length === 0;
    },
    { timeout: 60_000 },
  );
  // Longer than a lease that is not renewed.
  const [lease] = await store.sql<{ until: Date }[]>`select held_until as until from leases where name = 'relay'`;
  await vi.waitUntil(
    async () => {
      const [row] = await store.sql<{ over: boolean }[]>`select clock_timestamp() > ${lease!.until} as over`;
      return row?.over;
    },
    { timeout: 60_000 },
  );
  expect(await relayPage(relayOn(bus, database.open()))).toBe(0);
  gate.resolve();
  expect(await page).toBe(3);
  expect(await outboxRows()).toBe(0);
});

/** As if so much time had gone by. */
const grow = (ms: number) => store.sql`update outbox set created_at = created_at - ${ms} * interval '1 millisecond'`;

test('[CORE-3] what a writer is still waiting for is not published by the relay, until the writer gives it up', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store);
  const gate = deferred();
  const published: string[] = [];
  const publisher = {
    ...createPublisher(bus, { ackTimeoutMs: 5_000 }),
    publish: (subject: string) => {
      published.push(subject);
      return gate.promise.then(() => Promise.reject(new Error('no acknowledgement')));
    },
  };
  const writer = startPublishing({ sql: store.sql, publisher, log });
  onTestFinished(() => writer.stop());
  await newAppender(store, { publish: writer.publish }).append(messageTo(room));
  expect(published).toHaveLength(1);
  const { ageMs: _, ...relay } = relayOn(bus, database.open());

  await grow(3_000);
  expect(await relayPage(relay)).toBe(0);

  gate.resolve();
  await vi.waitUntil(async () => (await relayPage(relay)) === 1, { timeout: 60_000 });
  expect(numbers(await streamed(bus), room)).toEqual([1]);
});

test('[CORE-3] rows of a writer whose session is gone are the relay’s soon, those of a live one when their time is over', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const [gone, hanging] = [database.open({ applicationName: 'gone' }), database.open()];
  const room = await createRoom(store);
  await newAppender(gone).append(messageTo(room));
  await gone.close();
  await newAppender(hanging).append(messageTo(room));
  const { ageMs: _, ...relay } = relayOn(bus);
  await grow(1_500);
  await vi.waitUntil(async () => (await relayPage(relay)) === 1, { timeout: 60_000 });
  expect(await relayPage(relay)).toBe(0);
  await grow(7_000);
  expect(await relayPage(relay)).toBe(1);
  expect(numbers(await streamed(bus), room)).toEqual([1, 2]);
});

test('[CORE-3] the order is kept: nothing overtakes a row that is its writer’s own', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store);
  await newAppender(store).append(messageTo(room));
  const gone = database.open();
  await newAppender(gone).append(messageTo(room));
  await gone.close();
  const { ageMs: _, ...relay } = relayOn(bus);
  await grow(1_500);
  await vi.waitUntil(
    async () =>
      (await store.sql`select from outbox where writer_pid = any(select pid from pg_stat_activity)`).length === 1,
    30_000,
  );
  expect(await relayPage(relay)).toBe(0);
  await grow(7_000);
  expect(await relayPage(relay)).toBe(2);
  expect(numbers(await streamed(bus), room)).toEqual([1, 2]);
});

test('a relay that dies in the middle leaves its lease with its session', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store);
  await commitOnly([room], 3);
  const at = database.open({ applicationName: 'dying' });
  const dying = relayOn(bus, at);
  const never = { ...dying.publisher, publish: () => new Promise<never>(() => {}) };
  void relayPage({ ...dying, publisher: never }).catch(() => {});
  await vi.waitUntil(async () => (await store.sql`select from leases where held_until > now()`).length === 1, 60_000);
  await at.close();
  await vi.waitUntil(async () => (await relayPage(relayOn(bus))) === 3, { timeout: 60_000 });
  expect(numbers(await streamed(bus), room)).toEqual(upTo(3));
});

test('a writer’s own publication and the relay’s are the same to the stream', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store);
  const publisher = createPublisher(bus, { ackTimeoutMs: 5_000 });
  const acks: Promise<unknown>[] = [];
  const { publicationsOf } = await import('../src/core/relay/publications.ts');
  const appender = newAppender(store, {
    publish({ ranges }) {
      // Publishes, and dies before it deletes.
      for (const { subject, payload, msgId } of ranges.flatMap(publicationsOf)) {
        acks.push(publisher.publish(subject, payload, msgId));
      }
    },
  });
  await appender.appendAll(Array.from({ length: 700 }, () => messageTo(room)));
  await Promise.all(acks);
  expect(await outboxRows()).toBeGreaterThan(0);
  while ((await relayPage(relayOn(bus))) > 0);
  expect(numbers(await streamed(bus), room)).toEqual(upTo(700));
});

test('a change that a later one replaced is left out, and nothing else is', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store, { members: 2 });
  const { tid, cid, users } = room;
  await newAppender(store).appendAll([messageTo(room), messageTo(room)]);
  const change = (seq: number, text: string) => ({
    tid,
    cid,
    uid: users[0]!,
    seq,
    change: { t: 'edit', body: { text } } as const,
  });
  const edits = [change(1, 'a'), change(2, 'b'), change(1, 'c'), change(2, 'd'), change(1, 'e')];
  await changeMessages({ sql: store.sql, publish: () => {} }, edits);
  await relayPage(relayOn(bus));
  expect(numbers(await streamed(bus), room, 'updates')).toEqual([4, 5]);
});

test('rows of a relay that could not publish stay', async () => {
  const bus = await connected();
  const room = await createRoom(store);
  await commitOnly([room], 3);
  // No stream takes them.
  await expect(relayPage(relayOn(bus))).rejects.toMatchObject({ code: 'unavailable' });
  expect(await outboxRows()).toBe(3);
  await ensureStream(bus);
  expect(await relayPage(relayOn(bus))).toBe(3);
  expect(numbers(await streamed(bus), room)).toEqual(upTo(3));
});

test('[CORE-4] [SEND-10] writes go on while the bus is down, and all of it is published when it is back', async () => {
  const bus = await connected();
  const { publish } = await publication(bus);
  const room = await createRoom(store);
  const appender = newAppender(store, { publish });
  await appender.append(messageTo(room));
  await untilPublished();

  await nats.kill();
  await vi.waitUntil(() => !bus.connected, { timeout: 60_000 });
  const outcomes = await appender.appendAll(Array.from({ length: 2_000 }, () => messageTo(room)));
  expect(outcomes.map((outcome) => 'seq' in outcome && outcome.seq)).toEqual(upTo(2_001).slice(1));
  expect(await outboxRows()).toBeGreaterThan(0);

  await nats.restart();
  await untilPublished();
  expect([...new Set(numbers(await streamed(bus), room))]).toEqual(upTo(2_001));
});

test('[CORE-3] a stream whose store is lost is filled again with the last ten minutes', async () => {
  const bus = await connected();
  const { publish } = await publication(bus);
  const rooms = [await createRoom(store), await createRoom(store)];
  const [{ tid, cid, users }, other] = [rooms[0]!, rooms[1]!];
  const appender = newAppender(store, { publish });
  await appender.appendAll(Array.from({ length: 400 }, (_, n) => messageTo(n < 300 ? rooms[0]! : other)));
  const react = (seq: number) => ({
    tid,
    cid,
    uid: users[0]!,
    seq,
    change: { t: 'react', emoji: '👍', on: true } as const,
  });
  await changeMessages({ sql: store.sql, publish }, [react(7), react(8)]);
  await untilPublished();
  // Long ago: published then, and nobody's business now.
  await store.sql`
    update messages set created_at = now() - interval '11 minutes' where conversation_id = ${cid} and seq <= 100`;
  const before = await streamState(bus);

  await nats.kill();
  await nats.wipeStore();
  await vi.waitUntil(() => !bus.connected, { timeout: 60_000 });
  await appender.append(messageTo(other));
  await nats.restart();

  await vi.waitUntil(
    async () => {
      const [row] = await store.sql`select created_at from bus_state`;
      return row !== undefined && row['created_at'] !== before?.createdAt;
    },
    { timeout: 60_000 },
  );
  await untilPublished();
  const all = await streamed(bus);
  const unique = (of: readonly number[]) => [...new Set(of)].sort((a, b) => a - b);
  expect(unique(numbers(all, rooms[0]!))).toEqual(upTo(300).slice(100));
  expect(unique(numbers(all, other))).toEqual(upTo(101));
  expect(numbers(all, rooms[0]!, 'updates')).toEqual([1, 2]);
});

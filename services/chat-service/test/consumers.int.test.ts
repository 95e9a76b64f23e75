/** Consumers of the stream, on real PostgreSQL and a NATS that is killed, overflows and loses its store. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, createPublisher, deleteStream, ensureStream, type StreamBus } from '@messagecore/bus';
import { type NatsServer, startNats } from '@messagecore/dev-servers';
import { subjects } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ConsumerKind, ReconcileState } from '../src/platform/consumers/consumer.ts';
import { type ConsumerRunnerOptions, startConsumer } from '../src/platform/consumers/consumer-runner.ts';
import { setPaused } from '../src/platform/consumers/consumer-store.ts';
import { replayDeadLetter } from '../src/platform/consumers/dead-letters.ts';
import { reconciliationOf } from '../src/platform/consumers/reconciliation.ts';
import type { Sql } from '../src/platform/database/connect.ts';
import { startJobRunner } from '../src/platform/jobs/job-runner.ts';
import type { SagaKind } from '../src/platform/sagas/saga.ts';
import { sagaJobs } from '../src/platform/sagas/sagas.ts';
import { usageConsumer } from '../src/features/usage/usage.consumer.ts';
import { createDatabase, createRoom, messageTo, newAppender, type Room, type TestDatabase } from './rooms.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'consumers-'));
const TID = randomUUID();
const WAIT = { timeout: 40_000, interval: 20 };

let nats: NatsServer;
let database: TestDatabase;
let sql: Sql;
let bus: StreamBus;

beforeAll(async () => {
  [nats, database] = await Promise.all([startNats({ dataDir: folder, log: () => {} }), createDatabase()]);
  ({ sql } = database.store);
});
afterAll(async () => {
  await Promise.all([nats.stop(), database.drop()]);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  bus = await connected();
  await deleteStream(bus);
  await ensureStream(bus);
  await sql`truncate consumers, consumer_dead_letters, jobs, sagas, usage_daily, usage_marks, messages, outbox cascade`;
});

async function connected(): Promise<StreamBus> {
  const made = await connectBus({ url: nats.url, name: 'test', log });
  onTestFinished(() => made.close());
  return made;
}

/** An event may come twice: an acknowledgement was lost, or its process was slow. */
const firstTimes = (seen: readonly string[]) => [...new Set(seen)];

let published = 0;
/** Publishes as the outbox does: over every reconnection, until the stream has it. */
async function publish(texts: readonly string[], cid = 'c', to = bus): Promise<void> {
  const publisher = createPublisher(to, { ackTimeoutMs: 5_000 });
  for (const text of texts) {
    const id = `id-${(published += 1)}`;
    await vi.waitUntil(
      () =>
        publisher.publish(subjects.conversation(TID, cid, 'msg'), text, id).then(
          () => true,
          () => false,
        ),
      WAIT,
    );
  }
}

/** Notes what it handles, and what it was asked to make up for. */
class Noting implements ConsumerKind {
  readonly name = 'noting';
  readonly subject = 'conv.*.*.msg';
  readonly seen: string[] = [];
  readonly reconciled: string[] = [];
  refused = new Set<string>();
  maxAttempts = 2;

  async handle(events: Parameters<ConsumerKind['handle']>[0]): Promise<void> {
    const texts = events.map(({ payload }) => Buffer.from(payload).toString());
    const bad = texts.find((text) => this.refused.has(text));
    if (bad !== undefined) throw new Error(`${bad} is refused`);
    this.seen.push(...texts);
  }
  async reconcile(_tx: unknown, { since, cursor }: Parameters<ConsumerKind['reconcile']>[1]): Promise<string | null> {
    this.reconciled.push(`${since.slice(0, 4)} ${cursor ?? 'start'}`);
    return cursor === null ? 'second' : null;
  }
}

function run(consumer: ConsumerKind, more: Partial<ConsumerRunnerOptions> = {}) {
  const runner = startConsumer({ consumer, bus, sql, log, checkMs: 50, ackWaitMs: 2_000, random: () => 0, ...more });
  onTestFinished(() => runner.stop());
  return runner;
}
function runReconciliations(...kinds: readonly ConsumerKind[]) {
  const sagas = kinds.map(reconciliationOf) as unknown as readonly SagaKind<never>[];
  const runner = startJobRunner({ sql, kinds: [sagaJobs(sagas)], log, pollMs: 20 });
  onTestFinished(() => runner.stop());
}
const caughtUp = async () => {
  const [row] = await sql<{ position: number }[]>`select position from consumers where caught_up_at > 'epoch'`;
  return row !== undefined;
};

describe('[SEARCH-2] a consumer', () => {
  test('that gathers events handles many at once', async () => {
    const batches: number[] = [];
    class Gathering extends Noting {
      readonly gatherMs = 2_000;
      override async handle(events: Parameters<ConsumerKind['handle']>[0]): Promise<void> {
        await super.handle(events);
        batches.push(events.length);
      }
    }
    const consumer = new Gathering();
    run(consumer, { ackWaitMs: 30_000 });
    await publish(['first']);
    await vi.waitUntil(() => consumer.seen.length === 1, WAIT);
    const texts = Array.from({ length: 200 }, (_, n) => `more ${n}`);
    await publish(texts);
    await vi.waitUntil(() => firstTimes(consumer.seen).length === 201, WAIT);
    expect(consumer.seen).toEqual(expect.arrayContaining(['first', ...texts]));
    expect(batches.length).toBeLessThan(100);
  });

  test('handles what was stored before it ran, and what comes; a new one reconciles the past first', async () => {
    await publish(['1', '2']);
    const noting = new Noting();
    runReconciliations(noting);
    run(noting);
    await publish(['3']);
    await vi.waitUntil(() => firstTimes(noting.seen).length === 3 && noting.reconciled.length >= 2, WAIT);
    expect(firstTimes(noting.seen)).toEqual(['1', '2', '3']);
    expect(noting.reconciled).toEqual(['1970 start', '1970 second']);
  });

  test('is not begun before anybody has a use for it, and handles then what the stream still has', async () => {
    class Wanted extends Noting {
      wanted = false;
      asked = 0;
      async isNeeded(): Promise<boolean> {
        this.asked += 1;
        return this.wanted;
      }
    }
    const consumer = new Wanted();
    runReconciliations(consumer);
    run(consumer);
    await publish(['1']);
    await vi.waitUntil(() => consumer.asked >= 3, WAIT);
    expect([consumer.seen, await sql`select from consumers`]).toEqual([[], []]);
    consumer.wanted = true;
    await publish(['2']);
    await vi.waitUntil(() => firstTimes(consumer.seen).length === 2 && consumer.reconciled.length >= 2, WAIT);
    const { asked } = consumer;
    consumer.wanted = false;
    await publish(['3']);
    await vi.waitUntil(() => firstTimes(consumer.seen).length === 3, WAIT);
    expect(consumer.asked).toBe(asked);
  });

  test('puts a failing event aside without holding up others; after its last attempt it is a dead letter', async () => {
    const noting = new Noting();
    noting.refused.add('3');
    run(noting);
    await publish(['1', '2', '3', '4', '5']);
    await vi.waitUntil(async () => (await sql`select from consumer_dead_letters`).length === 1, WAIT);
    expect(new Set(noting.seen)).toEqual(new Set(['1', '2', '4', '5']));
    const [letter] = await sql`select id, consumer, attempts, error from consumer_dead_letters`;
    expect(letter).toMatchObject({ consumer: 'noting', attempts: 2, error: '3 is refused' });

    const id = letter?.['id'] as number;
    await expect(replayDeadLetter(sql, [noting], id)).rejects.toThrow('3 is refused');
    noting.refused.clear();
    await replayDeadLetter(sql, [noting], id);
    expect(noting.seen).toContain('3');
    await expect(replayDeadLetter(sql, [noting], id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('pauses, and goes on where it stood', async () => {
    const noting = new Noting();
    run(noting);
    await publish(['1']);
    await vi.waitUntil(() => noting.seen.length === 1, WAIT);
    await setPaused(sql, 'noting', true);
    // Paused for certain: a process that looks at it stops taking events before it looks again.
    await vi.waitUntil(async () => {
      const before = noting.seen.length;
      await publish([`probe ${published}`]);
      await new Promise((done) => void setTimeout(done, 100));
      return noting.seen.length === before;
    }, WAIT);
    const paused = noting.seen.length;
    await publish(['2']);
    await setPaused(sql, 'noting', false);
    await vi.waitUntil(() => noting.seen.includes('2'), WAIT);
    expect(noting.seen.slice(0, paused)).not.toContain('2');
  });

  test('shared by processes handles each event in one of them', async () => {
    const [a, b] = [new Noting(), new Noting()];
    run(a);
    run(b, { bus: await connected() });
    const texts = Array.from({ length: 300 }, (_, n) => String(n));
    await publish(texts);
    await vi.waitUntil(() => firstTimes([...a.seen, ...b.seen]).length === 300, WAIT);
    expect(firstTimes([...a.seen, ...b.seen]).toSorted()).toEqual(texts.toSorted());
  });

  test('of a process that stopped is taken over by another one', async () => {
    const noting = new Noting();
    await run(noting).stop();
    await publish(['1', '2']);
    run(noting, { bus: await connected() });
    await vi.waitUntil(() => noting.seen.length >= 2, WAIT);
    expect(new Set(noting.seen)).toEqual(new Set(['1', '2']));
  });
});

describe('[SEARCH-2] events that were missed', () => {
  test('by a stream that overflowed while the consumer was down are reconciled, from when it was caught up', async () => {
    const noting = new Noting();
    const runner = run(noting);
    runReconciliations(noting);
    await publish(['1']);
    await vi.waitUntil(async () => (await caughtUp()) && noting.reconciled.length === 2, WAIT);
    await runner.stop();

    await publish(Array.from({ length: 30 }, (_, n) => `${n} ${'x'.repeat(1_000)}`));
    await ensureStream(bus, { maxBytes: 10_000 });
    run(noting, { bus: await connected() });
    await vi.waitUntil(() => noting.reconciled.length === 4, WAIT);
    expect(noting.reconciled.slice(2)).toEqual([
      `${new Date().getUTCFullYear()} start`,
      `${new Date().getUTCFullYear()} second`,
    ]);
  });

  test('by a stream that was lost are reconciled once, by however many processes notice it', async () => {
    const noting = new Noting();
    run(noting);
    run(noting, { bus: await connected() });
    runReconciliations(noting);
    await publish(['1']);
    await vi.waitUntil(async () => (await caughtUp()) && noting.reconciled.length === 2, WAIT);
    await nats.kill();
    await nats.wipeStore();
    await nats.restart();
    await vi.waitUntil(
      () =>
        ensureStream(bus).then(
          () => true,
          () => false,
        ),
      WAIT,
    );
    await publish(['2']);
    await vi.waitUntil(() => noting.seen.includes('2') && noting.reconciled.length >= 4, WAIT);
    expect(noting.reconciled).toHaveLength(4);
  });

  test('by nobody are not reconciled, though the stream forgets what was handled', async () => {
    const noting = new Noting();
    run(noting);
    runReconciliations(noting);
    await publish(Array.from({ length: 30 }, (_, n) => `${n} ${'x'.repeat(1_000)}`));
    await vi.waitUntil(async () => {
      const [row] = await sql<{ position: number }[]>`select position from consumers where caught_up_at > 'epoch'`;
      return row?.position === 30 && noting.reconciled.length === 2;
    }, WAIT);
    await ensureStream(bus, { maxBytes: 5_000 });
    await publish(['after']);
    await vi.waitUntil(() => noting.seen.includes('after'), WAIT);
    expect(noting.reconciled).toHaveLength(2);
  });
});

describe('[TEN-5] usage', () => {
  const counted = async (tid: string) => {
    const [row] = await sql<{ messages: number | null }[]>`
      select sum(messages)::bigint as messages from usage_daily where tenant_id = ${tid}`;
    return row?.messages ?? 0;
  };
  const send = async (room: Room, count: number, kind = 'text') => {
    const items = Array.from({ length: count }, () => messageTo(room, { kind }));
    await newAppender(database.store).appendAll(items);
  };
  const told = (room: Room) => ({
    subject: subjects.conversation(room.tid, room.cid, 'msg'),
    payload: new Uint8Array(),
  });

  test('counts each message once, whatever events come twice, late, at once or never', async () => {
    const rooms = [await createRoom(database.store), await createRoom(database.store)];
    const usage = usageConsumer(sql);
    await send(rooms[0]!, 100);
    await send(rooms[1]!, 7);
    await send(rooms[1]!, 2, 'sys');
    await Promise.all(Array.from({ length: 8 }, () => usage.handle([told(rooms[0]!), told(rooms[1]!)])));
    await send(rooms[0]!, 5);
    await usage.handle([told(rooms[0]!)]);
    expect(await Promise.all(rooms.map(({ tid }) => counted(tid)))).toEqual([105, 7]);
  });

  test('is made up for in pieces, wherever the process died', async () => {
    const rooms = await Promise.all(Array.from({ length: 450 }, () => createRoom(database.store, { tid: TID })));
    for (const room of rooms) await send(room, 2);
    const usage = usageConsumer(sql);
    let cursor: string | null = null;
    let pieces = 0;
    do {
      // Each piece is tried and rolled back once before it is done.
      const state: ReconcileState = { since: '', cursor };
      await sql
        .begin(async (tx) => Promise.reject(new Error(String(await usage.reconcile(tx, state)))))
        .catch(() => {});
      cursor = await sql.begin((tx) => usage.reconcile(tx, state));
      pieces += 1;
    } while (cursor !== null);
    expect(pieces).toBeGreaterThan(3);
    expect(await counted(TID)).toBe(900);
  });

  test('is right after the stream was killed and lost under load', async () => {
    const usage = usageConsumer(sql);
    run(usage, { checkMs: 50 });
    runReconciliations(usage);
    const room = await createRoom(database.store);
    for (let round = 0; round < 20; round += 1) {
      await send(room, 10);
      // Half of the events never reach the stream.
      if (round % 2 === 0) await publish(['x'], room.cid).catch(() => {});
      if (round !== 10) continue;
      await nats.kill();
      await nats.wipeStore();
      await nats.restart();
      await vi.waitUntil(
        () =>
          ensureStream(bus).then(
            () => true,
            () => false,
          ),
        WAIT,
      );
    }
    await publish(['last'], room.cid);
    await vi.waitUntil(async () => (await counted(room.tid)) >= 200, WAIT);
    expect(await counted(room.tid)).toBe(200);
  });
});

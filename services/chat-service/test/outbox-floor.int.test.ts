/** From where the relay looks for the oldest rows of the outbox, on real PostgreSQL. */
import { VirtualClock } from '@messagecore/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forget, oldest } from '../src/core/relay/outbox.ts';
import { OutboxFloor } from '../src/core/relay/outbox-floor.ts';
import type { Sql, Store, Transaction } from '../src/platform/database/connect.ts';
import { pagesOf } from './plans.ts';
import { createDatabase, createRoom, type TestDatabase } from './rooms.ts';

const PAGE = { ageMs: 0, orphanAgeMs: 0, rows: 10, frames: 1_000 };
const STEP_MS = 5_000;

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
});
afterAll(() => database.drop());

/** So many rows, each of fifty conversations. */
async function put(sql: Sql | Transaction, count: number): Promise<readonly number[]> {
  const rows = await sql<{ id: number }[]>`
    insert into outbox (topic, created_at, conversation_ids, firsts, lasts)
    select 'msg', now() - interval '1 second', (select array_agg(gen_random_uuid()) from generate_series(1, 50)),
      array_fill(1::bigint, array[50]), array_fill(1::bigint, array[50])
    from generate_series(1, ${count}::int) returning id`;
  return rows.map(({ id }) => id);
}

/** A floor, and how time goes on for it. */
function floorOf() {
  const clock = new VirtualClock();
  const floor = new OutboxFloor(clock);
  const raise = async () => {
    clock.advance(STEP_MS);
    await floor.raise(store.sql);
  };
  /** Transactions of other tests on the same server may keep it down for a moment. */
  const reaches = (id: number) =>
    expect
      .poll(async () => {
        await raise();
        return floor.id;
      })
      .toBe(id);
  return { floor, raise, reaches };
}

const seen = async (from: number) => (await oldest(store.sql, { ...PAGE, from })).map(({ id }) => id);

test('behind rows that are deleted and cannot go, as somebody reads, it is found at once what is left', async () => {
  const { floor, raise, reaches } = floorOf();
  const reader = database.open({ poolSize: 1 });
  await reader.sql.begin('isolation level repeatable read', async (tx) => {
    await tx`select count(*) from tenants`;
    await forget(store.sql, await put(store.sql, 2_000));
    const [left] = await put(store.sql, 1);
    await reaches(left!);
    const costs = (from: number) => pagesOf(database.url, (sql) => oldest(sql, { ...PAGE, from }));
    expect(await costs(0)).toBeGreaterThan(400);
    expect(await costs(floor.id)).toBeLessThan(10);
    await forget(store.sql, [left!]);
  });
  await raise();
  expect(await seen(floor.id)).toEqual([]);
});

test('it is not raised beyond a row whose transaction goes on, whatever is committed and deleted meanwhile', async () => {
  const { floor, raise, reaches } = floorOf();
  const room = await createRoom(store);
  const writer = database.open({ poolSize: 1 });
  const [first] = await put(store.sql, 1);
  await forget(store.sql, [first!]);
  await reaches(first! + 1);
  const [own] = await writer.sql.begin(async (tx) => {
    await tx`select from conversations where conversation_id = ${room.cid} for no key update`;
    await raise();
    const drawn = await put(tx as Transaction, 1);
    await forget(store.sql, await put(store.sql, 20));
    for (let n = 0; n < 5; n += 1) await raise();
    expect(floor.id).toBeLessThanOrEqual(drawn[0]!);
    return drawn;
  });
  expect(await seen(floor.id)).toEqual([own]);
  await reaches(own!);
  await forget(store.sql, [own!]);
});

test('rows that a crash brings back below it are found a minute later', async () => {
  const { floor, raise, reaches } = floorOf();
  const [row] = await put(store.sql, 1);
  await forget(store.sql, [row!]);
  await reaches(row! + 1);
  await store.sql`
    insert into outbox (id, topic, created_at, conversation_ids, firsts, lasts) overriding system value
    values (${row!}, 'msg', now() - interval '1 second', '{}', '{}', '{}')`;
  expect(await seen(floor.id)).toEqual([]);
  for (let n = 0; n < 12; n += 1) await raise();
  expect(await seen(floor.id)).toEqual([row]);
});

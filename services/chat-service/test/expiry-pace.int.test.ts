/** How fast messages whose time is over are recalled. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expireMessages } from '../src/core/messages/expire-messages.ts';
import { createDatabase, createRoom, type Room, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Messages that were to expire within the last hour, so many seconds later. */
async function fill({ tid, cid, users }: Room, count: number, later = 0): Promise<void> {
  const { sql } = database.store;
  await sql`update conversations set last_seq = ${count} where conversation_id = ${cid}`;
  await sql`
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at, expires_at)
    select ${cid}::uuid, n, ${tid}::uuid, 'm' || n, ${users[0]!}::uuid, 'seed', 'text', '{"text":"x"}', now(),
      now() - interval '1 hour' + (n + ${later}) * interval '1 second'
    from generate_series(1, ${count}) n`;
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** One that ends for want of work, not of time. */
async function look(): Promise<number> {
  let expired = 0;
  await expireMessages({ sql: database.store.sql, publish: () => {} }, (count) => (expired += count), {
    monotonic: () => 0,
  });
  return expired;
}

const left = async ({ cid }: Room) => {
  const [row] = await database.store.sql<{ count: number }[]>`
    select count(*)::int from messages where conversation_id = ${cid} and expired_at is null`;
  return row?.count;
};

test('[EXPR-2] of many of one conversation so many are recalled in a look, and nobody else waits for them', async () => {
  const full = await createRoom(database.store);
  const [quiet, ...rooms] = await Promise.all(range(15).map(() => createRoom(database.store, { tid: full.tid })));
  await fill(full, 1_400);
  for (const room of rooms) await fill(room, 90);
  // The last ones that are due.
  await fill(quiet!, 3, 3_000);
  await look();
  for (const room of [quiet!, ...rooms]) expect(await left(room)).toBe(0);
  // One pass more at the most.
  const inLook = (recalled: number) => recalled >= 600 && recalled < 700;
  const rest = (await left(full)) ?? 0;
  expect(inLook(1_400 - rest)).toBe(true);
  expect(inLook(await look())).toBe(true);
  expect(await left(full)).toBeGreaterThan(0);
  await look();
  expect(await left(full)).toBe(0);
});

test('[EXPR-2] of two that look at once each counts what it has changed itself', async () => {
  await fill(await createRoom(database.store), 250);
  const [one, two] = await Promise.all([look(), look()]);
  expect(one + two + (await look())).toBe(250);
});

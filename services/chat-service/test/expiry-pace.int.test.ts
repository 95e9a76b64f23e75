/** How fast messages whose time is over are recalled. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expireMessages } from '../src/core/messages/expire-messages.ts';
import { createDatabase, createRoom, type Room, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

async function fill({ tid, cid, users }: Room, count: number): Promise<void> {
  const { sql } = database.store;
  await sql`update conversations set last_seq = ${count} where conversation_id = ${cid}`;
  await sql`
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at, expires_at)
    select ${cid}::uuid, n, ${tid}::uuid, 'm' || n, ${users[0]!}::uuid, 'seed', 'text', '{"text":"x"}', now(),
      now() - interval '1 hour' + n * interval '1 second'
    from generate_series(1, ${count}) n`;
}

async function look(): Promise<number> {
  let expired = 0;
  await expireMessages({ sql: database.store.sql, publish: () => {} }, (count) => (expired += count));
  return expired;
}

const left = async ({ cid }: Room) => {
  const [row] = await database.store.sql<{ count: number }[]>`
    select count(*)::int from messages where conversation_id = ${cid} and expired_at is null`;
  return row?.count;
};

test('[EXPR-2] of many of one conversation so many are recalled in a look, and nobody else waits for them', async () => {
  const [full, other] = [await createRoom(database.store), await createRoom(database.store)];
  const rooms = await Promise.all([1, 2, 3, 4, 5, 6].map(() => createRoom(database.store, { tid: other.tid })));
  await fill(full, 700);
  for (const room of rooms) await fill(room, 90);
  expect(await look()).toBe(300 + 6 * 90);
  expect([await left(full), ...(await Promise.all(rooms.map(left)))]).toEqual([400, 0, 0, 0, 0, 0, 0]);
  expect([await look(), await look(), await look()]).toEqual([300, 100, 0]);
});

test('[EXPR-2] of two that look at once each counts what it has changed itself', async () => {
  await fill(await createRoom(database.store), 250);
  const [one, two] = await Promise.all([look(), look()]);
  expect(one + two + (await look())).toBe(250);
});

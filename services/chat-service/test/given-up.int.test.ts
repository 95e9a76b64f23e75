/** Sends that nobody awaits any more, on real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, createRoom, messageTo, newAppender, type TestDatabase } from './rooms.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('[IDM-8] what is given up while a batch is halved is not stored by one of its halves', async () => {
  const { store } = database;
  const [late, free] = [await createRoom(store), await createRoom(store)];
  let now = 0;
  const appender = newAppender(store, { clock: { monotonic: () => now }, log: { warn: () => (now = 100) } });
  const outcomes = await appender.appendAll([
    // The server takes no NUL in a text.
    messageTo(free, { clientId: 'a\u0000b' }),
    messageTo(free),
    messageTo(late, { until: 50 }),
    messageTo(late),
  ]);
  expect(outcomes).toMatchObject([
    { code: 'bad_request' },
    { seq: 1 },
    { code: 'unavailable' },
    { code: 'unavailable' },
  ]);
  expect(await store.sql`select from messages where conversation_id = ${late.cid}`).toHaveLength(0);
});

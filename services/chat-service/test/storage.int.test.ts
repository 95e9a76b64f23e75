/** How tables are stored, as decision 114 has measured it, and what that is for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { moveDelivered, moveReads } from '../src/core/positions/move-positions.ts';
import { readHeads } from '../src/core/positions/position-queries.ts';
import { plansOf } from './plans.ts';
import { createDatabase, createRoom, messageTo, newAppender, type TestDatabase } from './rooms.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('what decision 114 has measured is what the tables have', async () => {
  const rows = await database.store.sql<{ name: string; options: string[] }[]>`
    select relname as name, reloptions as options from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and reloptions is not null order by relname collate "C"`;
  expect(Object.fromEntries(rows.map(({ name, options }) => [name, options.toSorted().join(' ')])))
    .toMatchInlineSnapshot(`
    {
      "conversations": "autovacuum_vacuum_scale_factor=0.05 fillfactor=50",
      "device_cursors": "autovacuum_vacuum_scale_factor=0.05 fillfactor=80",
      "jobs": "autovacuum_vacuum_scale_factor=0.01 autovacuum_vacuum_threshold=1000",
      "messages": "autovacuum_analyze_scale_factor=0 autovacuum_analyze_threshold=100000 autovacuum_freeze_min_age=0 autovacuum_vacuum_insert_scale_factor=0 autovacuum_vacuum_insert_threshold=1000000",
      "outbox": "autovacuum_vacuum_cost_delay=0 autovacuum_vacuum_insert_threshold=-1 autovacuum_vacuum_scale_factor=0 autovacuum_vacuum_threshold=2000",
      "outbox_events": "autovacuum_vacuum_cost_delay=0 autovacuum_vacuum_insert_threshold=-1 autovacuum_vacuum_scale_factor=0 autovacuum_vacuum_threshold=2000",
      "outbox_participants": "autovacuum_vacuum_cost_delay=0 autovacuum_vacuum_insert_threshold=-1 autovacuum_vacuum_scale_factor=0 autovacuum_vacuum_threshold=2000",
      "participants": "autovacuum_vacuum_scale_factor=0.05 fillfactor=80",
      "slow_mode_sends": "autovacuum_vacuum_scale_factor=0.05 fillfactor=80",
      "threads": "fillfactor=80",
    }
  `);
});

test('a head is read from one row by one index, however many messages there are', async () => {
  const { store, url } = database;
  const room = await createRoom(store);
  await newAppender(store).appendAll(Array.from({ length: 500 }, () => messageTo(room)));
  await store.sql.unsafe('vacuum (analyze) messages');
  await store.sql.unsafe('vacuum (analyze) conversations');
  const { tid, cid } = room;
  const plans = await plansOf(url, async (sql) => {
    // As in the service's own sessions (decision 109): the table of conversations has few pages here.
    await sql`set enable_seqscan = off`;
    await readHeads(sql, [{ tid, cid }]);
  });
  expect(plans.map(({ scans }) => scans)).toEqual([['Index Scan conversations_pkey']]);
  expect(plans[0]?.pages).toBeLessThanOrEqual(4);
});

test('sends, receipts and read positions change rows where they stand: no index knows of it (HOT)', async () => {
  const { store } = database;
  const working = database.open();
  const room = await createRoom(store, { members: 2 });
  const appender = newAppender(working);
  const { tid, cid } = room;
  const person = { tid, cid, uid: room.users[1]! };
  for (let pos = 1; pos <= 30; pos += 1) {
    await appender.append(messageTo(room));
    await moveReads({ sql: working.sql, onMoves: () => {} }, [{ ...person, pos }]);
    await moveDelivered(working.sql, [{ ...person, clientId: 'phone', pos }]);
  }
  // Sessions tell what they have done when they end, at the latest.
  await working.close();
  const counts = () =>
    store.sql<{ name: string; isEnough: boolean; apart: number }[]>`
      select relname as name, n_tup_upd >= 29 as "isEnough", n_tup_upd - n_tup_hot_upd as apart from pg_stat_user_tables
      where relname in ('conversations', 'participants', 'device_cursors') order by relname`;
  await expect
    .poll(async () => [...(await counts())])
    .toEqual(['conversations', 'device_cursors', 'participants'].map((name) => ({ name, isEnough: true, apart: 0 })));
});

/**
 * Sends where conversations are in shards: PostgreSQL's own partitions by hash stand for these, as they divide the tables by
 * the same column, and count for each shard what a transaction reads and writes.
 */
import { ChatError } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sql, Store, Transaction } from '../src/platform/database/connect.ts';
import { appendBatch, type AppendItem } from '../src/core/messages/append-batch.ts';
import {
  createDatabase,
  createRoom,
  createTenant,
  messageTo,
  newAppender,
  type Room,
  type TestDatabase,
} from './rooms.ts';

const SHARDS = 4;
/** What a send may read or write of a conversation. */
const TABLES = [
  'conversations',
  'participants',
  'messages',
  'message_edits',
  'slow_mode_sends',
  'threads',
  'thread_members',
  'mentions',
  'open_group_mentions',
  'messages_awaiting_reading',
  'reading_notices',
];

let database: TestDatabase;
let store: Store;
let rooms: readonly Room[];
let shardOf: (cid: string) => string;

beforeAll(async () => {
  database = await createDatabase();
  store = database.open();
  for (const table of TABLES) await divide(store.sql, table);
  await planByValues(store.sql);
  const tid = await createTenant(store);
  // So many that each shard has some.
  rooms = await Promise.all(Array.from({ length: 100 }, () => createRoom(store, { tid, members: 2 })));
  const places = await store.sql<{ cid: string; shard: string }[]>`
    select conversation_id as cid, right(tableoid::regclass::text, 1) as shard from conversations`;
  const shards = new Map(places.map(({ cid, shard }) => [cid, shard]));
  shardOf = (cid) => shards.get(cid) ?? '';
});

afterAll(() => database.drop());

/** Makes an empty table one of shards, with its defaults, keys, indexes and triggers. */
async function divide(sql: Sql, table: string): Promise<void> {
  const before = `${table}_before`;
  const triggers = await sql<{ definition: string }[]>`
    select pg_get_triggerdef(oid) as definition from pg_trigger where tgrelid = ${table}::regclass and not tgisinternal`;
  const primaryKey = async (of: string) => {
    const [key] = await sql<{ name: string }[]>`
      select conname as name from pg_constraint where conrelid = ${of}::regclass and contype = 'p'`;
    return key?.name ?? '';
  };
  const named = await primaryKey(table);
  await sql.unsafe(`alter table ${table} rename to ${before}`);
  await sql.unsafe(
    `create table ${table} (like ${before} including defaults including indexes) partition by hash (conversation_id)`,
  );
  // Statements name it.
  await sql.unsafe(`alter table ${before} rename constraint ${named} to ${before}_pk`);
  if ((await primaryKey(table)) !== named) {
    await sql.unsafe(`alter table ${table} rename constraint ${await primaryKey(table)} to ${named}`);
  }
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const values = `for values with (modulus ${SHARDS}, remainder ${shard})`;
    await sql.unsafe(`create table ${table}_${shard} partition of ${table} ${values}`);
  }
  for (const { definition } of triggers) await sql.unsafe(definition);
}

/**
 * The functions of sends ask for plans that hold for any values, which look into every shard and find nothing in most of them.
 * By its values the planner knows the shards of a statement.
 */
async function planByValues(sql: Sql): Promise<void> {
  const functions = await sql<{ name: string }[]>`
    select oid::regprocedure::text as name from pg_proc where proconfig @> '{plan_cache_mode=force_generic_plan}'`;
  for (const { name } of functions) await sql.unsafe(`alter function ${name} set plan_cache_mode = force_custom_plan`);
}

/** The shards that a batch reads or writes, by what the server counts meanwhile. Nothing is kept of the batch. */
async function shardsOf(items: readonly AppendItem[]) {
  const undo = new Error('to be undone');
  const found: { outcomes: readonly unknown[]; shards: string[] } = { outcomes: [], shards: [] };
  const work = store.write.begin(async (tx) => {
    const before = await countUses(tx);
    const { outcomes } = await appendBatch(tx, items, []);
    const used = [...(await countUses(tx))].filter(([table, uses]) => uses > (before.get(table) ?? 0));
    Object.assign(found, { outcomes, shards: [...new Set(used.map(([table]) => table.slice(-1)))].toSorted() });
    throw undo;
  });
  await expect(work).rejects.toBe(undo);
  return found;
}

/** Scans of each shard of each table, and rows written in it, by this session. */
async function countUses(tx: Transaction): Promise<ReadonlyMap<string, number>> {
  const rows = await tx<{ name: string; uses: number }[]>`
    select relname as name, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del as uses
    from pg_stat_xact_user_tables where relname ~ '_[0-9]$'`;
  return new Map(rows.map(({ name, uses }) => [name, uses]));
}

const inShard = (shard: string) => rooms.filter(({ cid }) => shardOf(cid) === shard);

/** One of each kind of send that reads or writes more than others. */
function sendsTo([first, second, third]: readonly Room[]): AppendItem[] {
  return [
    messageTo(first!),
    messageTo(first!, { expiresIn: 60 }),
    messageTo(second!, { expiresAfterRead: 60 }),
    messageTo(third!, { body: JSON.stringify({ text: 'hello @Test and @all' }), uid: third!.users[1]! }),
  ];
}

test('a batch of conversations of one shard reads and writes that shard alone, stored at once or judged', async () => {
  for (const shard of ['0', '1', '2', '3']) {
    const own = inShard(shard);
    const plain = await shardsOf(sendsTo(own));
    expect(plain).toEqual({
      outcomes: plain.outcomes.map(() => expect.objectContaining({ repeat: false })),
      shards: [shard],
    });
    const judged = await shardsOf([...sendsTo(own), messageTo(own[3]!, { replyTo: 7 })]);
    expect(judged.outcomes.at(-1)).toBeInstanceOf(ChatError);
    expect(judged.shards).toEqual([shard]);
  }
});

test('replies in threads and repeats stay in the shard', async () => {
  const [room, other] = inShard('2');
  const appender = newAppender(store);
  const root = messageTo(room!);
  await appender.append(root);
  const found = await shardsOf([messageTo(room!, { threadRoot: 1 }), messageTo(other!)]);
  expect(found).toMatchObject({ outcomes: [{ seq: 2 }, { repeat: false }], shards: ['2'] });
  expect(await shardsOf([root, messageTo(other!)])).toMatchObject({
    outcomes: [{ seq: 1, repeat: true }, {}],
    shards: ['2'],
  });
});

test('planted: a batch of conversations of two shards is seen to use both', async () => {
  const found = await shardsOf([messageTo(inShard('1')[0]!), messageTo(inShard('3')[0]!)]);
  expect(found.shards).toEqual(['1', '3']);
});

test('the group commit makes batches of one shard each, when it is told what is where', async () => {
  const stored: string[][] = [];
  const appender = newAppender(store, {
    shardOf,
    publish: ({ ranges }) => void stored.push(ranges.map(({ cid }) => shardOf(cid))),
  });
  const items = [1, 2, 3].flatMap(() => rooms.map((room) => messageTo(room)));
  const outcomes = await appender.appendAll(items);
  await appender.close();
  expect(outcomes.filter((outcome) => outcome instanceof ChatError)).toEqual([]);
  expect(stored.map((shards) => new Set(shards).size)).toEqual(stored.map(() => 1));
  expect(new Set(stored.flat())).toEqual(new Set(['0', '1', '2', '3']));
  // A send a batch would be of one shard too.
  expect(stored.length).toBeLessThan(items.length / 4);
});

test('planted: when it is not told, its batches are of several', async () => {
  const stored: number[] = [];
  const publish = ({ ranges }: { ranges: readonly { cid: string }[] }) =>
    void stored.push(new Set(ranges.map(({ cid }) => shardOf(cid))).size);
  const appender = newAppender(store, { publish });
  await appender.appendAll(rooms.map((room) => messageTo(room)));
  await appender.close();
  expect(Math.max(...stored)).toBeGreaterThan(1);
});

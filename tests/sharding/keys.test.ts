/**
 * PostgreSQL on many machines: tables have their rows by `conversation_id`, and statements say which conversations they are
 * about. Judged from what the product runs: its statements are counted by pg_stat_statements, and the plan of each is kept.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cleanups } from '../support/servers.ts';
import { startSystem } from '../support/system.ts';
import { ACROSS_SHARDS, compareWithList } from './across-shards.ts';
import { type CountingServer, type SeenStatement, startCountingServer } from './counting.ts';
import { driveHotPath, preparePlace } from './hot-path.ts';
import { DISTRIBUTED, OUTBOX, REFERENCE } from './placement.ts';
import { tablesOf, unboundTables } from './plan-keys.ts';
import { misplacedKeys } from './schema.ts';

const cleanups = new Cleanups();
let server: CountingServer;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'messagecore-sharding-'));
  cleanups.add(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  server = await startCountingServer(folder);
  cleanups.add(() => server.stop());
  const system = await startSystem({
    gateways: 1,
    chatService: { databaseUrl: server.watchedUrl, roles: new Set(['api', 'rpc'] as const) },
  });
  cleanups.add(() => system.stop());
  // What works behind the requests is not on the hot path, by its role.
  await system.addChatService({
    databaseUrl: server.unwatchedUrl,
    roles: new Set(['relay', 'workers', 'jobs'] as const),
  });
  const place = await preparePlace(system);
  await server.reset();
  await driveHotPath(place);
});

afterAll(() => cleanups.run());

const isDistributed = ({ plan }: SeenStatement) => tablesOf(plan).some((table) => DISTRIBUTED.has(table));
const isUnbound = ({ plan }: SeenStatement) => unboundTables(plan, DISTRIBUTED).length > 0;

/** Leaves nothing of what it did. */
async function rolledBack<T>(work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T> {
  const done = Promise.withResolvers<T>();
  const undo = new Error('to be undone');
  await server.sql
    .begin(async (tx) => {
      done.resolve(await work(tx));
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) done.reject(error);
    });
  return done.promise;
}

describe('tables', () => {
  test('whatever belongs to a conversation has its id in all unique keys, and refers to nothing outside of it', async () => {
    expect(await misplacedKeys(server.sql)).toEqual([]);
  });

  test('planted: a table without the key, and one that is unique and refers beyond its conversation', async () => {
    const found = await rolledBack(async (tx) => {
      await tx`create table planted (conversation_id uuid, id int primary key)`;
      await tx`create table refers (id int primary key, room uuid references conversations)`;
      await tx`alter table drafts add constraint planted_unique unique (user_id, version)`;
      await tx`alter table drafts add constraint planted_key foreign key (user_id) references user_profiles`;
      return misplacedKeys(tx);
    });
    expect(found).toEqual([
      'drafts: user_id, version are unique without conversation_id',
      'drafts: refers to user_profiles beyond its conversation',
      'planted: names a conversation and is not placed',
      'refers: not distributed, and refers to conversations',
    ]);
  });
});

describe('statements of the hot path', () => {
  test('each that was counted has a plan that is judged', async () => {
    const counted = await server.counted();
    const unjudged = async () => {
      const seen = new Set((await server.seen()).map(({ id }) => id));
      return [...counted].filter(([id]) => !seen.has(id));
    };
    // Plans reach the log a little after their statements are counted.
    await expect.poll(unjudged).toEqual([]);
    expect(counted.size).toBeGreaterThan(80);
  });

  test('each names the conversations it is about, but for those in the list', async () => {
    const compare = async () => compareWithList((await server.seen()).filter(isUnbound).map(({ text }) => text));
    await expect.poll(compare).toEqual({ unknown: [], gone: [] });
  });

  test('beside shards they look into tables that are on every machine, and write the outbox', async () => {
    const others = (await server.seen()).filter(isDistributed).flatMap(({ plan }) => tablesOf(plan));
    const strange = others.filter((table) => !DISTRIBUTED.has(table) && !REFERENCE.has(table));
    expect([...new Set(strange)]).toEqual([OUTBOX]);
  });

  test('all of it was driven: sends that are plain and that are judged, changes, positions, joins, pages', async () => {
    const bound = (await server.seen()).filter((statement) => isDistributed(statement) && !isUnbound(statement));
    const has = (part: string) => bound.some(({ text }) => text.includes(part));
    expect(DRIVEN.filter((part) => !has(part))).toEqual([]);
  });
});

/** Parts of statements, with single spaces. */
const DRIVEN = [
  // Sends: heads, messages, judgement, repeats, slow mode, threads, mentions, messages that expire after they were read.
  'WITH raised AS ( UPDATE conversations c',
  'INSERT INTO messages ( conversation_id, seq, tenant_id, mid',
  'WITH item AS MATERIALIZED ( SELECT room_ids[room] AS conversation_id',
  'INSERT INTO thread_members AS m',
  'INSERT INTO mentions',
  'INSERT INTO messages_awaiting_reading',
  // Changes.
  'for no key update',
  'update messages m set',
  'insert into message_edits',
  'insert into reactions',
  'delete from reactions',
  'insert into poll_votes',
  // Positions.
  'update participants p set last_read_seq',
  'insert into device_cursors',
  'INSERT INTO reading_notices',
  // Joins, heads, pages for gateways and for REST, inboxes.
  'select distinct cid from asked',
  'm.seq between',
  'm.rev > ',
  'order by m.seq desc limit',
  'with asked as materialized',
];

describe('planted statements', () => {
  const unbound = async (statement: string) => unboundTables(await server.planOf(statement), DISTRIBUTED);

  test.each([
    ['by its sender', 'select from messages where sender_id = $1', ['messages']],
    ['by the key or something else', 'select from messages where conversation_id = $1 or seq = $2', ['messages']],
    ['by a range of keys', 'select from messages where conversation_id > $1', ['messages']],
    [
      'a join by the key of two that name none',
      'select from participants p join messages m using (conversation_id) where p.user_id = $1',
      ['messages', 'participants'],
    ],
    [
      'a join by something else',
      'select from messages m join participants p on p.user_id = m.sender_id where m.conversation_id = $1',
      ['participants'],
    ],
    [
      'an outer join, whose other side is all rows',
      'select from messages m left join unnest($1::uuid[]) as asked (cid) on asked.cid = m.conversation_id',
      ['messages'],
    ],
    [
      'in a subquery',
      'select (select count(*) from messages where seq > $2) from conversations where conversation_id = $1',
      ['messages'],
    ],
    ['an update', 'update participants set last_read_seq = 1 where user_id = $1', ['participants']],
    ['a deletion by place', 'delete from messages where ctid = any($1::tid[])', ['messages']],
    [
      'an insert of what was read elsewhere',
      'insert into reading_notices (tenant_id, conversation_id) select tenant_id, conversation_id from participants where user_id = $1',
      ['participants'],
    ],
  ])('found: %s', async (_, statement, tables) => {
    expect(await unbound(statement)).toEqual(tables);
  });

  test.each([
    ['by one', 'select from messages where conversation_id = $1 and seq > $2'],
    ['by several', 'select from messages where conversation_id = any($1::uuid[])'],
    [
      'by what is asked, in a join',
      'select from unnest($1::uuid[]) as asked (cid) left join conversations c on c.conversation_id = asked.cid',
    ],
    [
      'by another table that is',
      'select from messages m join participants p using (conversation_id) where m.conversation_id = $1',
    ],
    [
      'one row of each asked',
      'select from unnest($1::uuid[]) as asked (cid) cross join lateral (select from messages m where m.conversation_id = asked.cid limit 1) m',
    ],
  ])('let through: %s', async (_, statement) => {
    expect(await unbound(statement)).toEqual([]);
  });

  test('one that is not in the list is told, and so is one of the list that nobody runs', () => {
    const statements = ACROSS_SHARDS.map(({ part }) => `with x as (${part}`);
    expect(compareWithList(statements)).toEqual({ unknown: [], gone: [] });
    const planted = 'select from messages where sender_id = $1';
    expect(compareWithList([...statements.slice(1), planted])).toEqual({
      unknown: [planted],
      gone: [ACROSS_SHARDS[0]!.part],
    });
  });

  test('one that the product would run is seen', async () => {
    const sql = postgres(server.watchedUrl, { max: 1 });
    await sql`select count(*) from reactions where user_id = ${'00000000-0000-4000-8000-000000000000'}`;
    await sql.end();
    const { unknown } = compareWithList((await server.seen()).filter(isUnbound).map(({ text }) => text));
    expect(unknown).toEqual([expect.stringContaining('from reactions where user_id = $1')]);
  });
});

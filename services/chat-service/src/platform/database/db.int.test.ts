/** Typed statements beside raw ones, on the same client. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDatabase, createTemplate, type DevServer, dropDatabase, startPgBouncer } from '@messagecore/dev-servers';
import { eq, integer, pgTable, text, uuid } from './drizzle.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { testServers } from '../../../test/config.ts';
import { counter, json, moment } from './columns.ts';
import { openStore, type Store, type StoreOptions } from './connect.ts';
import { db } from './db.ts';
import { isAnyOf, millis, momentOf } from './expressions.ts';

const things = pgTable('things', {
  id: uuid('id').primaryKey().defaultRandom(),
  n: counter('n').notNull(),
  size: integer('size').notNull().default(0),
  at: moment('at').notNull().defaultNow(),
  until: moment('until'),
  what: json('what').$type<unknown>(),
  words: text('words').array().notNull().default([]),
});

let url: string;
let dir: string;
let pooler: DevServer;

beforeAll(async () => {
  const { postgresUrl } = testServers();
  await createTemplate(postgresUrl, 'empty', async () => {});
  url = await cloneDatabase(postgresUrl, 'empty');
  const store = openStore({ url });
  await store.sql`
    create table things (
      id uuid primary key default gen_random_uuid(), n bigint not null unique, size int not null default 0,
      at timestamptz(3) not null default now(), until timestamptz(3), what jsonb, words text[] not null default '{}'
    )`;
  await store.close();
  dir = await mkdtemp(join(tmpdir(), 'db-'));
  await chmod(dir, 0o755);
  pooler = await startPgBouncer({ dataDir: dir, databaseUrl: url, poolSize: 2 });
});

afterAll(async () => {
  await pooler?.stop();
  await dropDatabase(url);
  await rm(dir, { recursive: true, force: true });
});

function opened(options: Partial<StoreOptions> = {}): Store {
  const store = openStore({ url, poolSize: 1, ...options });
  onTestFinished(() => store.close());
  return store;
}

describe.each([
  ['directly', () => opened()],
  ['through a pooler', () => opened({ url: pooler.url, pooled: true })],
])('%s', (_, open) => {
  let store: Store;
  beforeEach(async () => {
    store = open();
    await store.sql`truncate things`;
  });

  test('values come out of typed and raw statements as they went in, and alike', async () => {
    const { sql } = store;
    const at = new Date('2026-01-02T03:04:05.678Z');
    const what = { list: [1, '2', null], text: '"' };
    const words = ['a,b', '"', String.raw`\\`, 'NULL', ''];
    await db(sql)
      .insert(things)
      .values({ n: 2 ** 40, at, until: momentOf(Infinity), what, words });
    await db(sql)
      .insert(things)
      .values({ n: 1, at, until: momentOf(at.getTime()), what: 'text', words: [] });

    const typed = await db(sql).select().from(things).orderBy(things.n);
    const raw = await sql`select id, n, size, at, until, what, words from things order by n`;

    expect(typed).toEqual([...raw]);
    expect(typed).toMatchObject([
      { n: 1, at, until: at, what: 'text', words: [] },
      { n: 2 ** 40, at, what, words },
    ]);
    const ends = await db(sql)
      .select({ at: millis(things.at), until: millis(things.until) })
      .from(things)
      .orderBy(things.n);
    expect(ends).toEqual([
      { at: at.getTime(), until: at.getTime() },
      { at: at.getTime(), until: Infinity },
    ]);
  });

  test('a transaction holds raw and typed statements, and is rolled back with both', async () => {
    const { sql } = store;
    const failing = sql.begin(async (tx) => {
      await db(tx).insert(things).values({ n: 1 });
      await tx`update things set size = 7 where n = 1`;
      const [row] = await db(tx).select({ size: things.size }).from(things);
      expect(row).toEqual({ size: 7 });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await db(sql).$count(things)).toBe(0);
  });

  test('says how many rows it changed, and fails as a raw statement does, without the parameters', async () => {
    const { sql } = store;
    await db(sql)
      .insert(things)
      .values([{ n: 1 }, { n: 2 }]);
    const { count } = await db(sql)
      .update(things)
      .set({ size: 1 })
      .where(isAnyOf(things.n, [1, 2, 3]));
    expect(count).toBe(2);
    const failing = db(sql)
      .insert(things)
      .values({ n: 1, words: ['secret'] });
    const error = await failing.then(undefined, (error: unknown) => error);
    expect(error).toMatchObject({ name: 'PostgresError', code: '23505', constraint_name: 'things_n_key' });
    expect(String(error)).not.toContain('secret');
  });
});

test('is prepared, once for any number of values', async () => {
  const { sql } = opened();
  for (const ids of [[], [1], [1, 2]]) await db(sql).select({ n: things.n }).from(things).where(isAnyOf(things.n, ids));
  for (const n of [1, 2]) await db(sql).select({ n: things.n }).from(things).where(eq(things.n, n));
  const prepared = await sql<{ uses: number }[]>`
    select (generic_plans + custom_plans)::int as uses from pg_prepared_statements
    where statement like 'select "n" from "things"%' order by 1`;
  expect(prepared).toEqual([{ uses: 2 }, { uses: 3 }]);
});

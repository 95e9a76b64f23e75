import { databaseUrl } from '@messagecore/dev-servers';
import type postgres from 'postgres';
import { historyPage } from '../../../services/chat-service/src/core/messages/history.ts';
import { appendBatch } from '../../../services/chat-service/src/core/messages/append-batch.ts';
import { readHeads } from '../../../services/chat-service/src/core/positions/position-queries.ts';
import { openStore, type Store } from '../../../services/chat-service/src/platform/database/connect.ts';
import { plansOf } from '../../../services/chat-service/test/plans.ts';
import { both, figure, type Line } from '../run/figures.ts';
import { timed, walOf } from '../run/measure.ts';
import { say } from '../run/say.ts';
import { connect, databaseOf, INDEXES, nameOf } from './layouts.ts';
import { conversation, messageIn, randomOf, someOf, TENANT } from './population.ts';

/** Messages that one statement stores, each of another conversation: what gathers at some 5,000 messages a second. */
const BATCH = 50;
/** Batches right after a checkpoint, and after those. */
const FIRST = 200;
const REST = 800;
/** Batches before those that are measured. */
const WARMING = 20;
const INSERTED = (WARMING + 2 * FIRST + REST) * BATCH;
const READS = 500;
const PAGE = 50;

/** All but vacuum after changes. */
export async function measureMessages(serverUrl: string, partitions: number, rows: number): Promise<Line> {
  const url = databaseUrl(serverUrl, databaseOf(partitions, rows));
  const store = openStore({ url });
  const admin = connect(url);
  const random = randomOf(rows + partitions);
  try {
    const values = {
      ...(await measureReads(store, random, rows)),
      ...(await measureInserts(store, admin, random)),
      ...(await measureCompressed(url, admin, random)),
      ...(await measureTopReads(url, random)),
      ...(await measureSizes(admin, rows + INSERTED)),
      'vacuum after 60,000 inserts, s': figure((await timed(() => admin`vacuum messages`)) / 1_000),
    };
    return { name: `${nameOf(partitions)}, ${rows / 1e6} M`, values };
  } finally {
    await Promise.all([store.close(), admin.end()]);
  }
}

/** Different conversations each time, so that nothing is in memory because of the read before. */
async function measureReads({ sql }: Store, random: () => number, rows: number): Promise<Line['values']> {
  const cids = someOf(random, 3 * READS).map(conversation);
  const reader = { tid: TENANT, uid: undefined };
  const head: number[] = [];
  const newest: number[] = [];
  const middle: number[] = [];
  const before = Math.max(PAGE + 1, Math.floor(rows / 20_000 / 2));
  for (let n = 0; n < READS; n += 1) {
    const [a, b, c] = [cids[3 * n]!, cids[3 * n + 1]!, cids[3 * n + 2]!];
    head.push(await timed(() => readHeads(sql, [{ tid: TENANT, cid: a }])));
    newest.push(await timed(() => historyPage(sql, reader, b, { limit: PAGE })));
    middle.push(await timed(() => historyPage(sql, reader, c, { limit: PAGE, before })));
  }
  say('read');
  return {
    'head, ms': both(head),
    'newest 50, ms': both(newest),
    'middle 50, ms': both(middle),
  };
}

async function measureInserts({ write }: Store, admin: postgres.Sql, random: () => number): Promise<Line['values']> {
  const ms: number[] = [];
  const batches = async (count: number) => {
    for (let batch = 0; batch < count; batch += 1) {
      const items = someOf(random, BATCH).map(messageIn);
      ms.push(await timed(() => appendBatch(write, items, [])));
    }
  };
  await batches(WARMING);
  ms.length = 0;
  await admin`checkpoint`;
  const first = await walOf(admin, () => batches(FIRST));
  const firstMs = both(ms);
  const rest = await walOf(admin, () => batches(REST));
  say('inserted');
  return {
    [`insert of ${BATCH}, ms`]: both(ms),
    'of the first 10,000 messages after a checkpoint, ms': firstMs,
    'WAL a message, the first 10,000 after a checkpoint': Math.round(first / FIRST / BATCH),
    'the next 40,000': Math.round(rest / REST / BATCH),
  };
}

/** The same right after a checkpoint, with whole pages compressed in the log. */
async function measureCompressed(url: string, admin: postgres.Sql, random: () => number): Promise<Line['values']> {
  await admin.unsafe(`alter database ${new URL(url).pathname.slice(1)} set wal_compression = pglz`);
  const { write, close } = openStore({ url });
  await admin`checkpoint`;
  const ms: number[] = [];
  const bytes = await walOf(admin, async () => {
    for (let batch = 0; batch < FIRST; batch += 1) {
      const items = someOf(random, BATCH).map(messageIn);
      ms.push(await timed(() => appendBatch(write, items, [])));
    }
  });
  await close();
  return {
    'the first 10,000, wal_compression pglz': Math.round(bytes / FIRST / BATCH),
    'insert of these, ms': both(ms),
  };
}

/** What index-only reads of the newest number would be: nothing of the product asks the table of messages for it. */
async function measureTopReads(url: string, random: () => number): Promise<Line['values']> {
  const top = async (cids: readonly string[]) => {
    const plans = await plansOf(url, async (sql) => {
      for (const cid of cids)
        await sql`select seq from messages where conversation_id = ${cid} order by seq desc limit 1`;
    });
    const only = plans.every(({ scans }) => scans.every((scan) => scan.startsWith('Index Only')));
    return `${only ? '' : 'not '}index-only, ${plans.reduce((sum, { heapFetches }) => sum + heapFetches, 0)} fetches`;
  };
  const heads = async (cids: readonly string[]) => {
    const plans = await plansOf(url, (sql) => Promise.all(cids.map((cid) => readHeads(sql, [{ tid: TENANT, cid }]))));
    return figure(plans.reduce((sum, { pages }) => sum + pages, 0) / plans.length);
  };
  const cids = someOf(random, 100).map(conversation);
  return { 'pages of a head read': await heads(cids), 'newest seq of 100 by the key': await top(cids) };
}

async function measureSizes(admin: postgres.Sql, rows: number): Promise<Line['values']> {
  const [size] = await admin<{ heap: number; indexes: number }[]>`
    select (sum(pg_table_size(relid)) / 1e9)::float8 as heap, (sum(pg_indexes_size(relid)) / 1e9)::float8 as indexes
    from (select 'messages'::regclass as relid union select relid from pg_partition_tree('messages'::regclass)) t`;
  const found = await admin.unsafe<{ name: string; levels: number; pages: number }[]>(`
    select case when attr like '%mid%' then 'mid' else 'key' end as name, max(level)::int as levels, sum(pages)::int as pages from (
      select pg_get_indexdef(relation) as attr, (bt_metap(relation::regclass::text)).level as level,
        pg_relation_size(relation) / 8192 as pages
      from (${INDEXES}) i
      where pg_get_indexdef(relation) ~ 'btree \\(conversation_id, (mid|seq)\\)$'
    ) m group by 1 order by 1`);
  const [key, mid] = found;
  return {
    'table, bytes a row': Math.round(((size?.heap ?? 0) * 1e9) / rows),
    'indexes, bytes a row': Math.round(((size?.indexes ?? 0) * 1e9) / rows),
    'size, GB': figure((size?.heap ?? 0) + (size?.indexes ?? 0)),
    'levels above leaves, key / mid': `${key?.levels} / ${mid?.levels}`,
    'pages, key / mid': `${key?.pages} / ${mid?.pages}`,
  };
}

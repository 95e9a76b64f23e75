/**
 * `npm run layout -- [ROWS]`: the table of messages as it is beside the same in hash partitions by conversation, in one
 * database. Batches go to the layouts in turn, so that all have the same machine.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import { ensureDatabase, startPostgres } from '@messagecore/dev-servers';
import Table from 'cli-table3';
import postgres from 'postgres';

const ROWS = Number(process.argv[2] ?? 2_000_000);
/** Messages that one statement stores, each of another conversation, as a busy group commit does. */
const BATCH = 50;
const CONVERSATIONS = 20_000;
const MEASURED_BATCHES = 400;
const READS = 1_000;
const PAGE = 50;

const LAYOUTS = [
  { name: 'one table', partitions: 0 },
  { name: '16 partitions', partitions: 16 },
  { name: '64 partitions', partitions: 64 },
] as const;

interface Figures {
  readonly insertMs: number[];
  readonly pageMs: number[];
  readonly headMs: number[];
  walBytes: number;
  vacuumMs: number;
  megabytes: number;
}

const tableOf = (partitions: number) => `layout_${partitions}`;

async function createLayout(sql: postgres.Sql, partitions: number): Promise<void> {
  const table = tableOf(partitions);
  const by = partitions === 0 ? '' : 'partition by hash (conversation_id)';
  await sql.unsafe(
    `create table ${table} (like messages including defaults including storage including indexes) ${by}`,
  );
  for (let nr = 0; nr < partitions; nr += 1) {
    await sql.unsafe(
      `create table ${table}_${nr} partition of ${table} for values with (modulus ${partitions}, remainder ${nr})`,
    );
  }
}

/** `count` rows, so that conversation n has every `CONVERSATIONS`th of them. */
async function insert(sql: postgres.Sql, partitions: number, from: number, count: number): Promise<void> {
  await sql`
    insert into ${sql(tableOf(partitions))} (conversation_id, seq, mid, sender_id, client_id, tenant_id, kind, body, created_at)
    select md5((n % ${CONVERSATIONS})::text)::uuid, n / ${CONVERSATIONS} + 1, md5(n::text), md5((n % 5000)::text)::uuid,
      'client', md5('tenant')::uuid, 'text', json_build_object('text', repeat(md5(n::text), 3)), now()
    from generate_series(${from}::int, ${from + count - 1}::int) as n`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function walOf(sql: postgres.Sql, work: () => Promise<unknown>): Promise<number> {
  const at = async () => (await sql<{ at: string }[]>`select pg_current_wal_insert_lsn() as at`)[0]?.at ?? '0/0';
  const before = await at();
  await work();
  const [row] = await sql<
    { bytes: string }[]
  >`select pg_wal_lsn_diff(${await at()}::pg_lsn, ${before}::pg_lsn) as bytes`;
  return Number(row?.bytes ?? 0);
}

async function measure(sql: postgres.Sql): Promise<ReadonlyMap<string, Figures>> {
  const all = new Map<string, Figures>();
  for (const { name, partitions } of LAYOUTS) {
    await createLayout(sql, partitions);
    const fillMs = await timed(() => insert(sql, partitions, 0, ROWS));
    await sql.unsafe(`vacuum (analyze, freeze) ${tableOf(partitions)}`);
    process.stderr.write(`${name}: filled in ${Math.round(fillMs / 1_000)} s\n`);
    all.set(name, { insertMs: [], pageMs: [], headMs: [], walBytes: 0, vacuumMs: 0, megabytes: 0 });
  }
  await sql`checkpoint`;
  for (let batch = 0; batch < MEASURED_BATCHES; batch += 1) {
    for (const { name, partitions } of LAYOUTS) {
      const figures = all.get(name)!;
      const write = () => insert(sql, partitions, ROWS + batch * BATCH, BATCH);
      figures.walBytes += await walOf(sql, async () => figures.insertMs.push(await timed(write)));
    }
  }
  for (let read = 0; read < READS; read += 1) {
    const cid = `${(read * 7919) % CONVERSATIONS}`;
    for (const { name, partitions } of LAYOUTS) {
      const figures = all.get(name)!;
      const table = sql(tableOf(partitions));
      const page = () => sql`
        select * from ${table} where conversation_id = md5(${cid})::uuid and seq < 1000000 order by seq desc limit ${PAGE}`;
      const head = () => sql`
        select seq from ${table} where conversation_id = md5(${cid})::uuid order by seq desc limit 1`;
      figures.pageMs.push(await timed(page));
      figures.headMs.push(await timed(head));
    }
  }
  for (const { name, partitions } of LAYOUTS) {
    const figures = all.get(name)!;
    const table = tableOf(partitions);
    await sql.unsafe(`update ${table} set body = body where seq % 10 = 0`);
    figures.vacuumMs = await timed(() => sql.unsafe(`vacuum ${table}`));
    const [size] = await sql<{ mb: number }[]>`
      select (sum(pg_total_relation_size(relid)) / 1048576)::float8 as mb from (
        select ${table}::regclass as relid union select relid from pg_partition_tree(${table}::regclass)
      ) as parts`;
    figures.megabytes = size?.mb ?? 0;
  }
  return all;
}

function present(all: ReadonlyMap<string, Figures>): string {
  const at = (values: readonly number[], part: number) =>
    (values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0).toFixed(2);
  const head = ['layout', `insert of ${BATCH}, ms p50 / p99`, 'page, ms p50', 'head, ms p50', 'WAL, bytes a message'];
  const table = new Table({ head: [...head, 'vacuum, s', 'size, MB'], style: { head: [] } });
  for (const [name, { insertMs, pageMs, headMs, walBytes, vacuumMs, megabytes }] of all) {
    const wal = Math.round(walBytes / (MEASURED_BATCHES * BATCH));
    const rest = [at(pageMs, 0.5), at(headMs, 0.5), wal, (vacuumMs / 1_000).toFixed(1), Math.round(megabytes)];
    table.push([name, `${at(insertMs, 0.5)} / ${at(insertMs, 0.99)}`, ...rest]);
  }
  return table.toString();
}

const dir = await mkdtemp(join(tmpdir(), 'messagecore-layout-'));
await chmod(dir, 0o755);
const server = await startPostgres({
  dataDir: join(dir, 'postgres'),
  log: () => {},
  settings: { shared_buffers: '256MB', max_wal_size: '4GB' },
});
try {
  const url = await ensureDatabase(server.url, 'layout');
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  process.stdout.write(`${ROWS} messages in ${CONVERSATIONS} conversations\n${present(await measure(sql))}\n`);
  await sql.end();
} finally {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}

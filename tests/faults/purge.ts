/** Conversations large enough to be purged in several pieces, and what must be left of them. */
import { call, TestTenant, type TestUser } from '@messagecore/testkit';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { untilNone, withDatabase } from './database.ts';
import type { Trouble } from './scenario.ts';
import { seedMessages } from './seed-messages.ts';

/** A piece of the purge is 2,000 rows. */
const MESSAGES = 4_500;
const REACTIONS = 300;
const PURGED_WITHIN_MS = 60_000;
const RETRY_MS = 200;

/** What stays of a purged conversation: its row without words, and how far it is counted. */
const KEPT = ['conversations', 'usage_marks'];

export interface Doomed {
  readonly cid: string;
  readonly owner: TestUser;
  /** Rows that a purge counts: messages and participants. */
  readonly rows: number;
}

/** Conversations with messages, reactions, former bodies, bans, times of slow mode and a topic. */
export async function makeDoomed({ cluster }: Pick<Trouble, 'cluster'>, count: number): Promise<Doomed[]> {
  const tenant = await TestTenant.create(cluster.apis[0] ?? '', cluster.adminKey);
  const [owner, ann, bob] = await tenant.users('owner', 'ann', 'bob');
  if (owner === undefined || ann === undefined || bob === undefined) return [];
  return withDatabase(cluster.databaseUrl, async (sql) => {
    const made: Doomed[] = [];
    for (let n = 0; n < count; n += 1) {
      const cid = await tenant.channel(owner, ann, bob);
      await call('DELETE', `${tenant.api}/v1/conversations/${cid}/participants/${bob.userId}`, { headers: owner.auth });
      await seedMessages(sql, cid, owner.userId, MESSAGES);
      await sql`
        insert into reactions (conversation_id, seq, user_id, emoji, tenant_id, created_at)
        select conversation_id, seq, sender_id, 'x', tenant_id, now() from messages
        where conversation_id = ${cid} order by seq desc limit ${REACTIONS}`;
      await sql`
        insert into message_edits (conversation_id, seq, rev, tenant_id, action, previous_body, changed_by, changed_at)
        select conversation_id, seq, 1, tenant_id, 'edit', body, sender_id, now() from messages
        where conversation_id = ${cid} order by seq desc limit ${REACTIONS}`;
      await sql`
        insert into conversation_bans (conversation_id, user_id, tenant_id, banned_by)
        values (${cid}, ${bob.userId}, ${tenant.tenantId}, ${owner.userId})`;
      await sql`
        insert into slow_mode_sends (conversation_id, user_id, tenant_id, sent_at)
        values (${cid}, ${ann.userId}, ${tenant.tenantId}, now())`;
      made.push({ cid, owner, rows: await countedRows(sql, cid) });
    }
    return made;
  });
}

async function countedRows(sql: postgres.Sql, cid: string): Promise<number> {
  const [row] = await sql<{ rows: number }[]>`
    select ((select count(*) from messages where conversation_id = ${cid})
      + (select count(*) from participants where conversation_id = ${cid}))::int as rows`;
  return row?.rows ?? 0;
}

/** Deletes them, asking until it is answered, and has their purge begin at once instead of in an hour. */
export async function deleteAll({ cluster }: Pick<Trouble, 'cluster'>, doomed: readonly Doomed[]): Promise<void> {
  for (const { cid, owner } of doomed) {
    const url = `${cluster.apis[0]}/v1/conversations/${cid}`;
    const ask = () =>
      call('DELETE', url, { headers: owner.auth }).then(
        ({ status }) => status,
        () => 0,
      );
    for (let status = await ask(); status !== 204 && status !== 404; status = await ask()) await sleep(RETRY_MS);
  }
  await withDatabase(cluster.databaseUrl, async (sql) => {
    await sql`
      update jobs set run_at = now()
      where kind = 'saga' and not ready and attempts = 0 and payload ->> 'id' in (
        select id::text from sagas where subject in ${sql(doomed.map(({ cid }) => cid))}
      )`;
  });
}

/**
 * Rule `left`: nothing of them is in any table. Rule `progress`: their sagas ended, say how many rows went, and never said
 * less than before.
 */
export function checkPurged({ cluster, onRest, complain }: Trouble, doomed: readonly Doomed[]): { stop(): void } {
  const cids = doomed.map(({ cid }) => cid);
  const watch = watchProgress(cluster.databaseUrl, cids, (detail) => complain('progress', detail));
  onRest(async () => {
    await withDatabase(cluster.databaseUrl, async (sql) => {
      const open = await untilNone(() => unfinished(sql, doomed), PURGED_WITHIN_MS);
      for (const detail of open) complain('progress', detail);
      for (const detail of await leftovers(sql, cids)) complain('left', detail);
    });
    watch.stop();
  });
  return watch;
}

function watchProgress(url: string, cids: readonly string[], onFall: (detail: string) => void): { stop(): void } {
  let watching = true;
  const seen = new Map<string, number>();
  const look = async () => {
    const rows = await withDatabase(url, (sql) => readSagas(sql, cids)).catch(() => []);
    for (const { subject, progress, total } of rows) {
      const before = seen.get(subject) ?? 0;
      if (progress < before) onFall(`purge of ${subject} fell from ${before} to ${progress}`);
      if (progress > (total ?? 0)) onFall(`purge of ${subject} says ${progress} of ${total}`);
      seen.set(subject, progress);
    }
  };
  void (async () => {
    for (; watching; await sleep(RETRY_MS)) await look();
  })();
  return { stop: () => void (watching = false) };
}

interface SagaRow {
  readonly subject: string;
  readonly status: string;
  readonly progress: number;
  readonly total: number | null;
}

const readSagas = (sql: postgres.Sql, cids: readonly string[]) =>
  sql<SagaRow[]>`select subject, status, progress, total from sagas where subject in ${sql([...cids])}`;

async function unfinished(sql: postgres.Sql, doomed: readonly Doomed[]): Promise<string[]> {
  const rows = await readSagas(
    sql,
    doomed.map(({ cid }) => cid),
  );
  return doomed.flatMap(({ cid, rows: wanted }) => {
    const found = rows.filter(({ subject }) => subject === cid);
    const [saga] = found;
    if (saga === undefined || found.length > 1) return [`${found.length} purges of ${cid}`];
    const { status, progress, total } = saga;
    if (status === 'done' && progress === wanted && total === wanted) return [];
    return [`purge of ${cid} is ${status}, ${progress} of ${total}; ${wanted} rows were there`];
  });
}

/** Every table that names conversations is looked at, also those of later. */
async function leftovers(sql: postgres.Sql, cids: readonly string[]): Promise<string[]> {
  const tables = await sql<{ table: string }[]>`
    select table_name as table from information_schema.columns
    where table_schema = 'public' and column_name = 'conversation_id'`;
  const found: string[] = [];
  for (const { table } of tables.filter((each) => !KEPT.includes(each.table))) {
    const [row] = await sql<{ rows: number }[]>`
      select count(*)::int as rows from ${sql(table)} where conversation_id in ${sql([...cids])}`;
    if (row?.rows !== 0) found.push(`${row?.rows} rows of ${table}`);
  }
  const words = await sql`
    select from conversations where conversation_id in ${sql([...cids])}
    and (name is not null or topic is not null or avatar is not null or metadata <> '{}' or deleted_at is null)`;
  return words.length === 0 ? found : [...found, `words of ${words.length} conversations`];
}

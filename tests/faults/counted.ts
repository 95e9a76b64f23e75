/** What is counted beside the messages, against the messages themselves. */
import type postgres from 'postgres';
import { withDatabase } from './database.ts';

type Sql = postgres.Sql;
type Rows = postgres.PendingQuery<postgres.Row[]>;

/** Threads, reactions and polls that are not as a count of replies, of users and of votes says. */
export function countedWrongly(databaseUrl: string, cids: readonly string[]): Promise<string[]> {
  return withDatabase(databaseUrl, async (sql) => [
    ...(await differences(sql, 'thread of', ...threads(sql, cids))),
    ...(await differences(sql, 'reactions of', ...reactions(sql, cids))),
    ...(await differences(sql, 'votes of', ...votes(sql, cids))),
  ]);
}

/** Both have `cid`, `seq` and what `is`. */
async function differences(sql: Sql, what: string, kept: Rows, counted: Rows): Promise<string[]> {
  const rows = await sql<{ cid: string; seq: string; kept: string | null; counted: string | null }[]>`
    with kept as (${kept}), counted as (${counted})
    select cid, seq, kept.is::text as kept, counted.is::text as counted from kept full join counted using (cid, seq)
    where kept.is is distinct from counted.is`;
  return rows.map(
    (row) => `${row.cid}: ${what} ${row.seq} kept as ${row.kept ?? 'none'}, counted as ${row.counted ?? 'none'}`,
  );
}

const threads = (sql: Sql, cids: readonly string[]) =>
  [
    sql`
      select conversation_id as cid, root_seq as seq, concat_ws('/', replies, members, last_seq) as is
      from threads where conversation_id in ${sql(cids)}`,
    sql`
      select conversation_id as cid, thread_root as seq, concat_ws('/', count(*), count(distinct sender_id), max(seq)) as is
      from messages where conversation_id in ${sql(cids)} and thread_root is not null group by 1, 2`,
  ] as const;

const reactions = (sql: Sql, cids: readonly string[]) =>
  [
    sql`
      select conversation_id as cid, seq, (select jsonb_object_agg(key, value::int) from json_each_text(reactions)) as is
      from messages where conversation_id in ${sql(cids)} and reactions is not null`,
    sql`
      select cid, seq, jsonb_object_agg(emoji, users) as is
      from (
        select conversation_id as cid, seq, emoji, count(*)::int as users
        from reactions where conversation_id in ${sql(cids)} group by 1, 2, 3
      ) r group by 1, 2`,
  ] as const;

const votes = (sql: Sql, cids: readonly string[]) =>
  [
    sql`
      select conversation_id as cid, seq, (poll -> 'counts')::jsonb as is
      from messages where conversation_id in ${sql(cids)} and poll is not null`,
    sql`
      select cid, seq, jsonb_object_agg(option, votes) as is
      from (
        select conversation_id as cid, seq, option, count(*)::int as votes
        from poll_votes where conversation_id in ${sql(cids)} group by 1, 2, 3
      ) v group by 1, 2`,
  ] as const;

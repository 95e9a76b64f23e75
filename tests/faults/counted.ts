/** What is counted beside the messages, against the messages themselves. */
import { withDatabase } from './database.ts';

/** Threads, reactions and polls that are not as a count of replies, of users and of votes says. */
export function countedWrongly(databaseUrl: string, cids: readonly string[]): Promise<string[]> {
  return withDatabase(databaseUrl, async (sql) => {
    const threads = await sql<{ cid: string; root: string; kept: string | null; counted: string | null }[]>`
      with kept as (
        select conversation_id as cid, root_seq as root, concat_ws('/', replies, members, last_seq) as is
        from threads where conversation_id in ${sql(cids)}
      ), counted as (
        select conversation_id as cid, thread_root as root, concat_ws('/', count(*), count(distinct sender_id), max(seq)) as is
        from messages where conversation_id in ${sql(cids)} and thread_root is not null group by 1, 2
      )
      select cid, root, kept.is as kept, counted.is as counted from kept full join counted using (cid, root)
      where kept.is is distinct from counted.is`;
    const reactions = await sql<{ cid: string; seq: string; kept: string | null; counted: string | null }[]>`
      with kept as (
        select conversation_id as cid, seq, (select jsonb_object_agg(key, value::int) from json_each_text(reactions)) as is
        from messages where conversation_id in ${sql(cids)} and reactions is not null
      ), counted as (
        select cid, seq, jsonb_object_agg(emoji, users) as is
        from (
          select conversation_id as cid, seq, emoji, count(*)::int as users
          from reactions where conversation_id in ${sql(cids)} group by 1, 2, 3
        ) r group by 1, 2
      )
      select cid, seq, kept.is::text as kept, counted.is::text as counted from kept full join counted using (cid, seq)
      where kept.is is distinct from counted.is`;
    const polls = await sql<{ cid: string; seq: string; kept: string | null; counted: string | null }[]>`
      with kept as (
        select conversation_id as cid, seq, (poll -> 'counts')::jsonb as is
        from messages where conversation_id in ${sql(cids)} and poll is not null
      ), counted as (
        select cid, seq, jsonb_object_agg(option, votes) as is
        from (
          select conversation_id as cid, seq, option, count(*)::int as votes
          from poll_votes where conversation_id in ${sql(cids)} group by 1, 2, 3
        ) v group by 1, 2
      )
      select cid, seq, kept.is::text as kept, counted.is::text as counted from kept full join counted using (cid, seq)
      where kept.is is distinct from counted.is`;
    const tell = ({ kept, counted }: (typeof threads | typeof reactions | typeof polls)[number]) =>
      `kept as ${kept ?? 'none'}, counted as ${counted ?? 'none'}`;
    return [
      ...threads.map((row) => `${row.cid}: thread of ${row.root} ${tell(row)}`),
      ...reactions.map((row) => `${row.cid}: reactions of ${row.seq} ${tell(row)}`),
      ...polls.map((row) => `${row.cid}: votes of ${row.seq} ${tell(row)}`),
    ];
  });
}

/** Raw SQL: a search by halves over the primary key, a part of the statement that reads the page. */
import type { Fragment, Sql } from '../../platform/database/connect.ts';

/** Numbers between which messages are looked for. */
export interface Range {
  readonly first: number;
  readonly head: number;
}

/**
 * The number before the first message at or after a time. Times rise with `seq`, as each is taken under the conversation's
 * lock; so a number is found by halving the range, with as many looks at the primary key as the range has binary digits,
 * and no index by time, which every send would have to write. Where the clock of the database was set back, it is one of
 * the places at which a message before the time is followed by one that is not.
 */
export function numberBefore(sql: Sql, cid: string, at: number, { first, head }: Range): Fragment {
  return sql`(
    with recursive search (low, high) as (
      select ${first}::bigint, ${head + 1}::bigint
      union all
      select case when probe.is_older then probe.seq + 1 else low end, case when probe.is_older then high else middle end
      from search
      cross join lateral (select (low + high) / 2 as middle) halved
      left join lateral (
        select m.seq, m.created_at < to_timestamp(${at}::float8 / 1000) as is_older from messages m
        where m.conversation_id = ${cid} and m.seq >= middle and m.seq < high
        order by m.seq limit 1
      ) probe on true
      where low < high
    )
    select max(low) - 1 from search
  )`;
}

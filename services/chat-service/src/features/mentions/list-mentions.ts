/** Raw SQL: of two sources in the order of time, joined with the messages as clients get them, bounded in bytes. */
import { Cid, LIMITS, Millis, Seq } from '@messagecore/protocol';
import type { Mention, MentionsQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import { frameBytes, frameColumns, frameOf, type FrameRow } from '../../core/messages/frames.ts';
import { EVERYBODY, isToldOf, mentionsAll } from '../../core/messages/unread-mentions.ts';
import type { Fragment, Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { ReadyJson } from '../../platform/operations/ready-json.ts';

const PageKey = z.tuple([Millis, Cid, Seq]);

interface Row extends FrameRow, Pick<Mention, 'scope' | 'unread'> {
  /** Of those that were found, to see whether there are more. */
  readonly found: number;
}

/**
 * A page as JSON text: messages that mention the user, of the conversations in which it takes part, as far as it may see them,
 * without those of users whom it has blocked. A message that names the user and everybody comes once. It ends at
 * `LIMITS.pageBytes`, with one message at least.
 */
export async function listMentions(
  sql: Sql,
  user: Actor,
  { unread, limit, cursor }: MentionsQuery,
): Promise<ReadyJson> {
  const after = decodeCursor(cursor, PageKey);
  const behind =
    after === undefined
      ? sql``
      : sql`
        and (n.created_at, n.conversation_id, n.seq)
          < (to_timestamp(${after[0]}::float8 / 1000), ${after[1]}::uuid, ${after[2]}::bigint)`;
  const condition = sql`
    n.seq >= greatest(c.first_seq, case when c.history_since_joining then p.history_from end)
    and ${isToldOf(sql, sql`${user.uid}::uuid`)} ${unread ? sql`and n.seq > p.last_read_seq` : sql``} ${behind}`;
  const source = { sql, user, condition, most: limit + 1 };
  const named = unread ? inEachConversation(source, user.uid) : ofUser(source);
  const rows = await sql<Row[]>`
    select m.scope, m.seq > m.last_read_seq as unread, m.found::int, ${frameColumns(sql)} from (
      select m.*, n.scope, n.last_read_seq, row_number() over page as place, count(*) over () as found,
        sum(${frameBytes(sql)} + 64) over page as bytes
      from (
        select distinct on (created_at, conversation_id, seq) * from (${named} union all ${ofEverybody(source)}) n
        order by created_at desc, conversation_id desc, seq desc, scope = 'user' desc limit ${limit + 1}
      ) n
      join messages m on m.conversation_id = n.conversation_id and m.seq = n.seq
      window page as (order by n.created_at desc, n.conversation_id desc, n.seq desc rows unbounded preceding)
    ) m
    where m.bytes <= ${LIMITS.pageBytes} or m.place = 1 order by m.place`;
  return new ReadyJson(textOf(rows.slice(0, limit)));
}

function textOf(rows: readonly Row[]): string {
  const last = rows.at(-1);
  const next = last === undefined || rows.length === last.found ? null : encodeCursor([last.at, last.cid, last.seq]);
  const items = rows.map((row) => {
    const { scope, unread } = row;
    return `{"scope":"${scope}","unread":${unread},"message":${frameOf('message', row)}}`;
  });
  return `{"items":[${items.join(',')}],"next":${JSON.stringify(next)}}`;
}

interface Source {
  readonly sql: Sql;
  readonly user: Actor;
  /** On the mention `n`, the conversation `c` and the membership `p`. */
  readonly condition: Fragment;
  readonly most: number;
}

/** Those of the user, by the index of the user. */
const ofUser = ({ sql, user: { tid, uid }, condition, most }: Source) => sql`(
  select n.conversation_id, n.seq, n.scope, n.created_at, p.last_read_seq from mentions n
  join conversations c on c.conversation_id = n.conversation_id and c.tenant_id = ${tid} and c.deleted_at is null
  join participants p on p.conversation_id = n.conversation_id and p.user_id = ${uid}
  where n.user_id = ${uid} and ${condition}
  order by n.created_at desc, n.conversation_id desc, n.seq desc limit ${most}
)`;

const ofEverybody = (source: Source) =>
  inEachConversation(
    { ...source, condition: source.sql`${source.condition} and ${mentionsAll(source.sql)}` },
    EVERYBODY,
  );

/** The last ones of each of the user's conversations: one look into an index where there are none. */
const inEachConversation = ({ sql, user: { tid, uid }, condition, most }: Source, of: string) => sql`(
  select p.conversation_id, n.seq, n.scope, n.created_at, p.last_read_seq from participants p
  join conversations c on c.conversation_id = p.conversation_id and c.tenant_id = ${tid} and c.deleted_at is null
  cross join lateral (
    select n.* from mentions n
    where n.conversation_id = p.conversation_id and n.user_id = ${of}::uuid and ${condition}
    order by n.seq desc limit ${most}
  ) n
  where p.user_id = ${uid}
  order by n.created_at desc, n.conversation_id desc, n.seq desc limit ${most}
)`;

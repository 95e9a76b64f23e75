/**
 * What is new in conversations, for gateways, which tell it to sessions that have not joined. A batch is two statements,
 * whatever its size, and a third one where somebody may be mentioned. It looks at the rows of those who are asked about and at the last messages of each conversation: never
 * at all participants of a large conversation, and at no other conversation of a user.
 *
 * Raw SQL: many conversations and users at once; `limit 1` as in position-queries.ts.
 */
import { INBOX_USERS, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { plainArray } from '../../platform/database/array-literals.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { mayBeMentioned, newestOf, type Newest, unreadIn } from '../messages/newest-messages.ts';
import { countMentions } from '../messages/unread-mentions.ts';

/** Where a participant stands. */
interface Place {
  /** Of the question, from 1. */
  readonly place: number;
  readonly cid: string;
  readonly head: number;
  readonly uid: string;
  /** What the user has read, or may not see. */
  readonly pos: number;
  /** What settings of the user may say no to. */
  readonly told: boolean;
}

/** For each question, in the order asked; about an unknown conversation, or one of another tenant, nobody is named. */
export async function readInbox(sql: Sql, items: readonly RpcItem<'inbox'>[]): Promise<readonly RpcResult<'inbox'>[]> {
  const places = items.map((): Place[] => []);
  for (const row of await placesOf(sql, items)) places[row.place - 1]?.push(row);
  const isMore = (n: number) => items[n]?.users === undefined && (places[n]?.length ?? 0) > INBOX_USERS;
  const counted = places.flatMap((each, n) => (isMore(n) ? [] : each.filter(({ told }) => told)));
  const newest = await newestOf(sql, counted);
  const mentions = await mentionsOf(
    sql,
    counted.filter((place) => mayBeMentioned(newest.get(place.cid), place)),
  );
  return places.map((each, n) => {
    const { cid, head } = each[0] ?? { cid: '', head: 0 };
    return isMore(n) ? { head, users: [], more: true } : { head, ...usersOf(each, newest.get(cid), mentions) };
  });
}

/** How many unread messages mention each, of those whom some do. */
async function mentionsOf(sql: Sql, places: readonly Place[]): Promise<ReadonlyMap<Place, number>> {
  const counts = await countMentions(sql, places);
  return new Map(places.map((place, n) => [place, counts[n] ?? 0] as const).filter(([, count]) => count > 0));
}

function usersOf(
  places: readonly Place[],
  newest: Newest | undefined,
  mentions: ReadonlyMap<Place, number>,
): Omit<RpcResult<'inbox'>, 'head'> {
  const users = places.map((place): [string, number | null] => [
    place.uid,
    place.told ? unreadIn(newest, place) : null,
  ]);
  const mentioned = places.flatMap((place) => {
    const count = mentions.get(place);
    return count === undefined ? [] : [[place.uid, count] as const];
  });
  return {
    users,
    ...(mentioned.length > 0 && { mentions: Object.fromEntries(mentioned) }),
    ...(newest?.preview !== undefined && { preview: newest.preview }),
  };
}

function placesOf(sql: Sql, items: readonly RpcItem<'inbox'>[]): Promise<Place[]> {
  const named = items.flatMap(({ users = [] }, index) => users.map((uid) => ({ uid, place: index + 1 })));
  return sql<Place[]>`
    with asked as materialized (
      select asked.place, asked.everybody, c.conversation_id as cid, c.last_seq as head, c.first_seq as first,
        c.history_since_joining
      from unnest(
        ${plainArray(items.map(({ tid }) => tid))}::uuid[], ${plainArray(items.map(({ cid }) => cid))}::uuid[],
        ${plainArray(items.map(({ users }) => users === undefined))}::bool[]
      ) with ordinality as asked(tid, cid, everybody, place)
      join conversations c on c.conversation_id = asked.cid and c.tenant_id = asked.tid and c.deleted_at is null
    ), part as (
      select asked.*, p.user_id, p.last_read_seq, p.history_from
      from unnest(${plainArray(named.map(({ uid }) => uid))}::uuid[], ${plainArray(named.map(({ place }) => place))}::int[])
        as named(uid, place)
      join asked on asked.place = named.place
      cross join lateral (
        select * from participants where conversation_id = asked.cid and user_id = named.uid limit 1
      ) p
      union all
      select asked.*, p.user_id, p.last_read_seq, p.history_from
      from asked cross join lateral (
        select * from participants
        where asked.everybody and conversation_id = asked.cid limit ${INBOX_USERS + 1}
      ) p
    ), seen as (
      select *, greatest(first, case when history_since_joining then history_from end) as from_seq from part
    )
    select place::int, cid, head, user_id as uid, greatest(last_read_seq, from_seq - 1) as pos, from_seq <= head as told
    from seen`;
}

/** Conversations in one answer. */
const NEWS = 5_000;

/**
 * Conversations with messages stored within so long: a page each by `cid`. The index on the time of storing holds ranges of the
 * table, so one reading of the latest range answers for all tenants that a question names.
 */
export async function readNews(sql: Sql, items: readonly RpcItem<'news'>[]): Promise<readonly RpcResult<'news'>[]> {
  const answers: RpcResult<'news'>[] = [];
  for (const { tids, withinMs, after = null } of items) {
    const rows = await sql<{ tid: string; cid: string; head: number }[]>`
      select tenant_id as tid, conversation_id as cid, max(seq) as head
      from messages
      where created_at > now() - ${withinMs} * interval '1 millisecond' and tenant_id = any(${plainArray(tids)}::uuid[])
        and (${after}::uuid is null or conversation_id > ${after}::uuid)
      group by conversation_id, tenant_id order by conversation_id limit ${NEWS + 1}`;
    const conversations = rows.slice(0, NEWS).map(({ tid, cid, head }): [string, string, number] => [tid, cid, head]);
    answers.push({ conversations, more: rows.length > NEWS });
  }
  return answers;
}

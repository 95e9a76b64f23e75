/**
 * The order in which a user's conversations are listed, at a cost that does not depend on how many there are.
 *
 * Exact order by the newest message would have to look at every conversation, or be written for every participant with
 * every message. Instead the index on `participants.active_at`, which is some minutes behind (see activity.ts),
 * gives the conversations in windows of fixed size, and only inside a window they are sorted by their newest message. Who
 * has no more conversations than a window gets the exact order; with more, two may be swapped whose activity lies as close
 * together as `active_at` is behind. None is left out or listed twice, since windows are ranges of the index: a cursor
 * names the range as well as the place in it.
 *
 * The conversations that the user has pinned come first: they fit into one window, which has an index of its own, and the
 * others leave them out. So have favourites and hidden conversations, which are listed alone: few of many are found at the
 * cost of few.
 *
 * Raw SQL: a window over an index, which must be read before anything is joined to it.
 */
import { Cid, Millis } from '@messagecore/protocol';
import { type ConversationsQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Fragment, Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { isHidden } from './settings.ts';

/** Memberships of a window: as many as the longest page has. */
const WINDOW = 200;
/** Windows that one page looks at; where most are filtered away, a page may be short of its limit. */
const WINDOWS = 5;

/** A place in an order of moments and ids, latest and highest first. */
type OrderKey = readonly [at: number, cid: string];
const OrderKeyShape = z.tuple([Millis, Cid]);
/** The window of pinned conversations. */
const PINNED = 'pinned';
type Start = OrderKey | typeof PINNED | null;
/** After which place a window starts (from the top without one), and the place in it after which the page starts. */
const Cursor = z.tuple([OrderKeyShape.or(z.literal(PINNED)).nullable(), OrderKeyShape.nullable()]);
/** What former versions gave: the activity of the last one listed. */
const FormerCursor = OrderKeyShape;

interface WindowRow {
  readonly cid: string;
  readonly activeAt: number;
  /** Of the newest message, or of the creation. */
  readonly activity: number;
  readonly listed: boolean;
}

export interface Listed {
  readonly cid: string;
  /** Where a page goes on after this one. */
  readonly cursor: string;
}

export interface OrderedPage {
  readonly items: readonly Listed[];
  /** Null at the end of the list. */
  readonly next: string | null;
}

/** Throws `bad_request` when the cursor is none of this list. */
export async function orderedPage(
  sql: Sql,
  { tid, uid }: { readonly tid: string; readonly uid: string },
  { limit, cursor, ...filter }: ConversationsQuery,
): Promise<OrderedPage> {
  let [start, after] = readCursor(cursor);
  const items: Listed[] = [];
  for (let windows = 0; windows < WINDOWS; windows += 1) {
    const rows = await readWindow(sql, { tid, uid, filter, start });
    const window = rows.slice(0, WINDOW);
    const left = window.filter(({ listed }) => listed).toSorted(latestFirst);
    const open = left.filter((row) => after === null || isBehind(orderKeyOf(row), after));
    const taken = open.slice(0, limit - items.length);
    items.push(...taken.map((row) => ({ cid: row.cid, cursor: encodeCursor([start, orderKeyOf(row)]) })));
    if (taken.length < open.length) return { items, next: items.at(-1)?.cursor ?? null };
    const last = window.at(-1);
    const isEnd = start !== PINNED && (rows.length <= WINDOW || last === undefined);
    if (isEnd) return { items, next: null };
    [start, after] = [start === PINNED || last === undefined ? null : [last.activeAt, last.cid], null];
    if (items.length === limit) break;
  }
  return { items, next: encodeCursor([start, after]) };
}

function readCursor(cursor: string | undefined): [Start, OrderKey | null] {
  const read = decodeCursor(cursor, z.union([Cursor, FormerCursor]));
  if (read === undefined) return [PINNED, null];
  return typeof read[0] === 'number' ? [null, FormerCursor.parse(read)] : Cursor.parse(read);
}

const orderKeyOf = ({ activity, cid }: WindowRow): OrderKey => [activity, cid];
const isBehind = (one: OrderKey, other: OrderKey) => one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
const latestFirst = (a: WindowRow, b: WindowRow) => (isBehind(orderKeyOf(a), orderKeyOf(b)) ? 1 : -1);

interface WindowQuery {
  readonly tid: string;
  readonly uid: string;
  readonly filter: Omit<ConversationsQuery, 'limit' | 'cursor'>;
  readonly start: Start;
}

/** In the order of the index, those that are not to be listed too, and one more than a window has if there is one. */
function readWindow(sql: Sql, { tid, uid, filter, start }: WindowQuery): Promise<readonly WindowRow[]> {
  const { archived = null, favourite = null, hidden = false } = filter;
  return sql<WindowRow[]>`
    with seen as materialized (
      select p.* from participants p
      where user_id = ${uid} ${rangeOf(sql, filter, start)}
      order by active_at desc, conversation_id desc limit ${WINDOW + 1}
    )
    select seen.conversation_id as cid, (extract(epoch from seen.active_at) * 1000)::float8 as "activeAt",
      (extract(epoch from coalesce(newest.created_at, c.created_at, seen.active_at)) * 1000)::float8 as activity,
      c.conversation_id is not null and c.deleted_at is null and seen.pinned = ${start === PINNED}
        and (${archived}::boolean is null or (c.archived_at is not null) = ${archived}::boolean)
        and (${favourite}::boolean is null or seen.favourite = ${favourite}::boolean)
        and ${isHidden(sql, sql`seen`, sql`c.last_seq`)} = ${hidden} as listed
    from seen
    left join lateral (
      select * from conversations c
      where c.conversation_id = seen.conversation_id and c.tenant_id = ${tid} limit 1
    ) c on true
    left join lateral (
      select m.created_at from messages m
      where m.conversation_id = c.conversation_id and m.seq = c.last_seq limit 1
    ) newest on true
    order by seen.active_at desc, seen.conversation_id desc`;
}

/** What the window is a range of: each has an index in this order. */
function rangeOf(sql: Sql, { favourite, hidden }: WindowQuery['filter'], start: Start): Fragment {
  if (start === PINNED) return sql`and pinned`;
  const behind =
    start === null
      ? sql``
      : sql`and (active_at, conversation_id) < (to_timestamp(${start[0]}::float8 / 1000)::timestamptz(3), ${start[1]}::uuid)`;
  if (favourite === true) return sql`and favourite ${behind}`;
  return hidden === true ? sql`and hidden_seq is not null ${behind}` : behind;
}

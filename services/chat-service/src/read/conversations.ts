/** Conversations as one user sees them. */
import {
  ChatError,
  Cid,
  type Conversation,
  type ConversationKind,
  type ConversationsQuery,
  type CreateConversation,
  type DownFrameOf,
  type Page,
  type Role,
} from '@messagecore/protocol';
import { z } from 'zod';
import { checkMaySee } from '../domain/permissions.ts';
import type { Standing } from '../domain/standing.ts';
import type { Sql } from '../store/connect.ts';
import { frameColumns, frameOf, type FrameRow } from '../store/frames.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { countUnread } from './unread.ts';

/** Who looks: a user, or without `uid` the tenant's back end. */
export interface Reader {
  readonly tid: string;
  readonly uid: string | undefined;
}

export interface Stand {
  readonly kind: ConversationKind;
  readonly standing: Standing;
}

/** Who the reader is in a conversation. Throws `not_found`, for another tenant's too. */
export async function readStanding(sql: Sql, { tid, uid }: Reader, cid: string): Promise<Stand> {
  const [row] = await sql<{ kind: ConversationKind; role: Role | null }[]>`
    select c.kind, p.role from conversations c
    left join participants p on p.conversation_id = c.conversation_id and p.user_id = ${uid ?? null}::uuid
    where c.conversation_id = ${cid} and c.tenant_id = ${tid} and c.deleted_at is null`;
  if (row === undefined) throw new ChatError('not_found', 'no such conversation');
  return { kind: row.kind, standing: uid === undefined ? 'service' : row.role };
}

interface ConversationRow extends Omit<Conversation, 'unread' | 'lastMessage'> {
  readonly activity: number;
}

/** Throws `not_found`, `not_member`. */
export async function getConversation(sql: Sql, reader: Reader, cid: string): Promise<Conversation> {
  const { kind, standing } = await readStanding(sql, reader, cid);
  checkMaySee(kind, standing);
  const rows = await sql<ConversationRow[]>`
    select ${columns(sql, reader)} from conversations c ${joins(sql, reader)} where c.conversation_id = ${cid}`;
  const [view] = await complete(sql, reader, rows, standing !== null);
  if (view === undefined) throw new ChatError('not_found', 'no such conversation');
  return view;
}

/** What came of a creation. */
interface Made {
  readonly cid: string;
  readonly creator: string;
}

/**
 * What a creation, or a repeat of it, is answered with: the conversation as its creator sees it. To a creator who has left
 * since it is what they asked for; to a back end that acts for nobody then, what it may see. Throws `not_found`.
 */
export async function getCreated(
  sql: Sql,
  { tid, uid }: Reader,
  { cid, creator }: Made,
  request: CreateConversation,
): Promise<Conversation> {
  try {
    return await getConversation(sql, { tid, uid: creator }, cid);
  } catch (error) {
    if (!(error instanceof ChatError) || error.code !== 'not_member') throw error;
  }
  const now = await getConversation(sql, { tid, uid: undefined }, cid);
  if (uid === undefined) return now;
  const { kind, createdBy, createdAt } = now;
  const { name = null, topic = null, avatar = null, metadata = {}, history = 'all' } = request;
  const place = { archived: false, head: 0, rev: 0, epoch: 0, first: 1 };
  const own = { peer: null, myRole: null, readPos: null, unread: null, lastMessage: null };
  return { cid, kind, name, topic, avatar, metadata, history, createdBy, createdAt, ...place, ...own };
}

const Position = z.tuple([z.number(), Cid]);

/**
 * The user's conversations, the most recently active first. A conversation that becomes active while the pages are being
 * turned moves to the front and may be missed on the way; whoever turns pages also gets its live events.
 */
export async function listConversations(
  sql: Sql,
  reader: Reader & { readonly uid: string },
  { limit, cursor, archived }: ConversationsQuery,
): Promise<Page<Conversation>> {
  const [activity, cid] = decodeCursor(cursor, Position) ?? [null, null];
  const rows = await sql<ConversationRow[]>`
    select * from (
      select ${columns(sql, reader)}
      from participants mine
      join conversations c on c.conversation_id = mine.conversation_id
      ${joins(sql, reader)}
      where mine.user_id = ${reader.uid} and c.tenant_id = ${reader.tid} and c.deleted_at is null
        and (${archived ?? null}::boolean is null or (c.archived_at is not null) = ${archived ?? null}::boolean)
    ) listed
    where ${activity}::float8 is null or (activity, cid) < (${activity}::float8, ${cid}::uuid)
    order by activity desc, cid desc limit ${limit + 1}`;
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const items = await complete(sql, reader, page, true);
  return { items, next: rows.length > limit && last ? encodeCursor([last.activity, last.cid]) : null };
}

const columns = (sql: Sql, { uid }: Reader) => sql`
  c.conversation_id as cid, c.kind, c.name, c.topic, c.avatar, c.metadata, c.archived_at is not null as archived,
  c.created_by as "createdBy", (extract(epoch from c.created_at) * 1000)::float8 as "createdAt",
  c.last_seq as head, c.last_rev as rev, c.epoch,
  case when c.history_since_joining then 'since_joining' else 'all' end as history,
  greatest(c.first_seq, case when c.history_since_joining then me.history_from end) as first,
  case when c.kind = 'dm' then (
    select other.user_id from participants other
    where other.conversation_id = c.conversation_id and other.user_id <> ${uid ?? null}::uuid limit 1
  ) end as peer,
  me.role as "myRole", me.last_read_seq as "readPos",
  (extract(epoch from coalesce(newest.created_at, c.created_at)) * 1000)::float8 as activity`;

const joins = (sql: Sql, { uid }: Reader) => sql`
  left join participants me on me.conversation_id = c.conversation_id and me.user_id = ${uid ?? null}::uuid
  left join messages newest on newest.conversation_id = c.conversation_id and newest.seq = c.last_seq`;

/** Adds what is counted and the newest message, which only participants and the back end get to see. */
async function complete(
  sql: Sql,
  { uid }: Reader,
  rows: readonly ConversationRow[],
  withMessages: boolean,
): Promise<Conversation[]> {
  const mine = rows.flatMap(({ readPos, ...row }) => (readPos === null ? [] : [{ ...row, readPos }]));
  const unread = uid === undefined ? new Map<string, number>() : await countUnread(sql, uid, mine);
  const newest = withMessages ? await readNewest(sql, rows) : new Map<string, Conversation['lastMessage']>();
  return rows.map(({ activity: _, ...row }) => ({
    ...row,
    unread: unread.get(row.cid) ?? null,
    lastMessage: newest.get(row.cid) ?? null,
  }));
}

async function readNewest(sql: Sql, rows: readonly ConversationRow[]) {
  const visible = rows.filter(({ head, first }) => head >= first);
  const messages = await sql<FrameRow[]>`
    select ${frameColumns(sql)}
    from unnest(${visible.map(({ cid }) => cid)}::uuid[], ${visible.map(({ head }) => head)}::bigint[])
      as asked(cid, head)
    join messages m on m.conversation_id = asked.cid and m.seq = asked.head`;
  return new Map(messages.map((row) => [row.cid, JSON.parse(frameOf('message', row)) as DownFrameOf<'message'>]));
}

/** Conversations as one user sees them. Raw SQL: many at once, by arrays, with what belongs to each. */
import { ChatError, type DownFrameOf, LIMITS } from '@messagecore/protocol';
import {
  type Conversation,
  type ConversationsQuery,
  type CreateConversation,
  type Page,
} from '@messagecore/protocol/features';
import { and, eq, isNull, sql as part } from '../../platform/database/drizzle.ts';
import { BACK_END, checkMay, may, type Situation } from '../permissions/permissions.ts';
import type { Reader } from '../identity/caller.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAhead } from '../../platform/database/expressions.ts';
import { users } from '../users/tables.ts';
import { frameBytes, frameColumns, frameOf, type FrameRow } from '../messages/frames.ts';
import { orderedPage } from './conversation-order.ts';
import { settingsOf } from './settings.ts';
import { conversations, participants } from './tables.ts';
import { countUnread, type Unread } from '../messages/unread.ts';

/** What the table of permissions asks about the reader. Throws `not_found`, for another tenant's conversation too. */
export async function readSituation(sql: Sql | Transaction, { tid, uid }: Reader, cid: string): Promise<Situation> {
  const { conversationId, tenantId, deletedAt, kind, posting, archivedAt } = conversations;
  const isReader = uid === undefined ? part`false` : eq(users.id, uid);
  const [row] = await db(sql)
    .select({
      rules: { kind, posting, archived: part<boolean>`${archivedAt} is not null` },
      role: participants.role,
      tenantRole: users.role,
      muted: isAhead(participants.mutedUntil),
    })
    .from(conversations)
    .leftJoin(users, and(isReader, eq(users.tenantId, tenantId)))
    .leftJoin(participants, and(eq(participants.conversationId, conversationId), eq(participants.userId, users.id)))
    .where(and(eq(conversationId, cid), eq(tenantId, tid), isNull(deletedAt)));
  if (row === undefined) throw new ChatError('not_found', 'no such conversation');
  const { rules, role, tenantRole, muted } = row;
  if (uid === undefined) return { ...rules, ...BACK_END };
  return { ...rules, role, tenantRole: tenantRole ?? 'guest', muted: muted === true };
}

type ConversationRow = Omit<Conversation, 'unread' | 'mentions' | 'lastMessage'>;

/** Throws `not_found`, `not_member`. */
export async function getConversation(sql: Sql, reader: Reader, cid: string): Promise<Conversation> {
  const situation = await readSituation(sql, reader, cid);
  checkMay('see', situation);
  const rows = await sql<ConversationRow[]>`
    select ${columns(sql, reader)} from conversations c ${joins(sql, reader)} where c.conversation_id = ${cid}`;
  const [view] = await addUnreadAndNewest(sql, reader, rows, may('read', situation));
  if (view === undefined) throw new ChatError('not_found', 'no such conversation');
  return view;
}

/** The result of a creation. */
interface CreatedConversation {
  readonly cid: string;
  readonly creator: string;
}

/**
 * The answer to a creation or its repeat: the conversation as its creator sees it. A creator who has left meanwhile
 * gets what they requested; a back end that acts for nobody gets what it may see. Throws `not_found`.
 */
export async function getCreated(
  sql: Sql,
  { tid, uid }: Reader,
  { cid, creator }: CreatedConversation,
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
  const place = {
    posting: 'all',
    slowSeconds: 0,
    openToListeners: false,
    archived: false,
    head: 0,
    rev: 0,
    epoch: 0,
    first: 1,
  } as const;
  const own = {
    peer: null,
    myRole: null,
    readPos: null,
    unread: null,
    mentions: null,
    settings: null,
    lastMessage: null,
  };
  return { cid, kind, name, topic, avatar, metadata, history, createdBy, createdAt, ...place, ...own };
}

/**
 * The user's conversations, pinned ones first, then the most recently active (see conversation-order.ts). A conversation that becomes active
 * while the pages are being turned moves to the front and may be missed on the way; whoever turns pages also gets its live
 * events. A page ends at `LIMITS.pageBytes`, with one conversation at least.
 */
export async function listConversations(
  sql: Sql,
  reader: Reader & { readonly uid: string },
  query: ConversationsQuery,
): Promise<Page<Conversation>> {
  const { items: order, next } = await orderedPage(sql, reader, query);
  const rows = await sql<ConversationRow[]>`
    select ${columns(sql, reader)}
    from unnest(${order.map(({ cid }) => cid)}::uuid[]) with ordinality as listed(cid, place)
    join conversations c on c.conversation_id = listed.cid
    ${joins(sql, reader)}
    order by listed.place`;
  const views = await addUnreadAndNewest(sql, reader, rows, true);
  const items = withinBytes(views);
  const last = items.at(-1);
  if (items.length === views.length || last === undefined) return { items, next };
  return { items, next: order.find(({ cid }) => cid === last.cid)?.cursor ?? null };
}

/** Bytes of a page besides its items: brackets and cursor. */
const ENVELOPE_BYTES = 1_024;

/** As many as a page may hold, one at least. */
function withinBytes(views: Conversation[]): Conversation[] {
  let bytes = ENVELOPE_BYTES;
  const over = views.findIndex((view) => (bytes += Buffer.byteLength(JSON.stringify(view)) + 1) > LIMITS.pageBytes);
  return over === -1 ? views : views.slice(0, Math.max(1, over));
}

const columns = (sql: Sql, { uid }: Reader) => sql`
  c.conversation_id as cid, c.kind, c.name, c.topic, c.avatar, c.metadata, c.archived_at is not null as archived,
  c.posting, c.slow_seconds as "slowSeconds", c.open_to_listeners as "openToListeners",
  c.created_by as "createdBy", (extract(epoch from c.created_at) * 1000)::float8 as "createdAt",
  c.last_seq as head, c.last_rev as rev, c.epoch,
  case when c.history_since_joining then 'since_joining' else 'all' end as history,
  greatest(c.first_seq, case when c.history_since_joining then me.history_from end) as first,
  case when c.kind = 'dm' then (
    select other.user_id from participants other
    where other.conversation_id = c.conversation_id and other.user_id <> ${uid ?? null}::uuid limit 1
  ) end as peer,
  me.role as "myRole", me.last_read_seq as "readPos",
  case when me.user_id is not null then ${settingsOf(sql, sql`me`, sql`c.last_seq`)} end as settings`;

const joins = (sql: Sql, { uid }: Reader) => sql`
  left join participants me on me.conversation_id = c.conversation_id and me.user_id = ${uid ?? null}::uuid`;

/**
 * Adds what is counted and the newest message, which only participants and the back end get to see. Ends where the newest
 * messages are more than a page may hold.
 */
async function addUnreadAndNewest(
  sql: Sql,
  { uid }: Reader,
  rows: readonly ConversationRow[],
  withMessages: boolean,
): Promise<Conversation[]> {
  const { newest, count } = withMessages ? await readNewest(sql, rows) : { newest: undefined, count: rows.length };
  const shown = rows.slice(0, count);
  const mine = shown.flatMap(({ readPos, ...row }) => (readPos === null ? [] : [{ ...row, readPos }]));
  const unread = uid === undefined ? new Map<string, Unread>() : await countUnread(sql, uid, mine);
  return shown.map((row) => ({
    ...row,
    unread: unread.get(row.cid)?.unread ?? null,
    mentions: unread.get(row.cid)?.mentions ?? null,
    lastMessage: newest?.get(row.cid) ?? null,
  }));
}

/** The newest messages, up to the one that is beyond a page's bytes; and how many of the rows they are about. */
async function readNewest(sql: Sql, rows: readonly ConversationRow[]) {
  const messages = await sql<(FrameRow & { place: number; bytes: number })[]>`
    select ${frameColumns(sql)}, m.place, m.bytes from (
      select m.*, asked.place, ${frameBytes(sql)} as own,
        (sum(${frameBytes(sql)}) over (order by asked.place))::bigint as bytes
      from unnest(
        ${rows.map(({ cid }) => cid)}::uuid[], ${rows.map(({ head }) => head)}::bigint[],
        ${rows.map(({ first }) => first)}::bigint[]
      ) with ordinality as asked(cid, head, first, place)
      join messages m on m.conversation_id = asked.cid and m.seq = asked.head and m.seq >= asked.first
    ) m
    where m.bytes - m.own <= ${LIMITS.pageBytes} order by m.place`;
  const frames = messages.map(
    (row) => [row.cid, JSON.parse(frameOf('message', row)) as DownFrameOf<'message'>] as const,
  );
  const last = messages.at(-1);
  const count = last !== undefined && last.bytes > LIMITS.pageBytes ? last.place : rows.length;
  return { newest: new Map(frames), count };
}

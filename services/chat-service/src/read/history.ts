/** Pages of history and of changes, for REST callers and for gateways. Every page is one index range, at any depth. */
import {
  BATCH_BYTES,
  type BatchHeader,
  type ChangesQuery,
  ChatError,
  encodeBatch,
  type HistoryQuery,
  type PageRequest,
} from '@messagecore/protocol';
import type { Sql } from '../store/connect.ts';
import { frameColumns, frameOf, type FrameRow } from '../store/frames.ts';
import type { Reader } from './conversations.ts';

interface Place {
  readonly head: number;
  readonly rev: number;
  readonly epoch: number;
  /** Oldest message that the reader may see. */
  readonly first: number;
}

/** The oldest message that a participant `p` of the conversation `c` may see; a back end that acts for nobody sees all. */
const firstSeen = (sql: Sql) => sql`greatest(c.first_seq, case when c.history_since_joining then p.history_from end)`;

/** Where a conversation stands, for somebody who may read it. Throws `not_found`, `not_member`. */
async function readPlace(sql: Sql, { tid, uid }: Reader, cid: string): Promise<Place> {
  const [row] = await sql<(Place & { member: boolean })[]>`
    select c.last_seq as head, c.last_rev as rev, c.epoch, ${firstSeen(sql)} as first,
           (${uid ?? null}::uuid is null or p.user_id is not null) as member
    from conversations c
    left join participants p on p.conversation_id = c.conversation_id and p.user_id = ${uid ?? null}::uuid
    where c.conversation_id = ${cid} and c.tenant_id = ${tid} and c.deleted_at is null`;
  if (row === undefined) throw new ChatError('not_found', 'no such conversation');
  if (!row.member) throw new ChatError('not_member');
  return row;
}

/**
 * A `HistoryPage` as JSON text. It holds nothing beyond the head that it names, so whoever goes on from there misses
 * nothing. Throws `not_found`, `not_member`.
 */
export async function historyPage(sql: Sql, reader: Reader, cid: string, query: HistoryQuery): Promise<string> {
  const { head, rev, first, epoch } = await readPlace(sql, reader, cid);
  const rows = await readRange(sql, cid, { first, head }, query);
  const items = rows.map((row) => frameOf('message', row)).join(',');
  return `{"items":[${items}],"head":${head},"rev":${rev},"first":${first},"epoch":${epoch}}`;
}

interface Range {
  readonly first: number;
  readonly head: number;
}

async function readRange(
  sql: Sql,
  cid: string,
  { first, head }: Range,
  query: HistoryQuery,
): Promise<readonly FrameRow[]> {
  const { before, after, around, limit } = query;
  const up = (from: number, most: number) => upwards(sql, cid, Math.max(from, first - 1), head, most);
  const down = (from: number, most: number) => downwards(sql, cid, Math.min(head, from), first, most);
  if (after !== undefined) return up(after, limit);
  if (around === undefined) return down((before ?? Infinity) - 1, limit);
  const older = Math.floor(limit / 2) + 1;
  const [lower, upper] = await Promise.all([down(around, Math.min(older, limit)), up(around, limit - older)]);
  return [...lower, ...upper];
}

async function downwards(
  sql: Sql,
  cid: string,
  from: number,
  first: number,
  limit: number,
): Promise<readonly FrameRow[]> {
  const rows = await sql<FrameRow[]>`
    select ${frameColumns(sql)} from messages m
    where m.conversation_id = ${cid} and m.seq <= ${from} and m.seq >= ${first} order by m.seq desc limit ${limit}`;
  return rows.toReversed();
}

async function upwards(
  sql: Sql,
  cid: string,
  after: number,
  head: number,
  limit: number,
): Promise<readonly FrameRow[]> {
  if (limit <= 0) return [];
  return sql<FrameRow[]>`
    select ${frameColumns(sql)} from messages m
    where m.conversation_id = ${cid} and m.seq > ${after} and m.seq <= ${head} order by m.seq limit ${limit}`;
}

/** A `ChangesPage` as JSON text. Throws `not_found`, `not_member`. */
export async function changesPage(
  sql: Sql,
  reader: Reader,
  cid: string,
  { after, limit }: ChangesQuery,
): Promise<string> {
  const { rev, first } = await readPlace(sql, reader, cid);
  const rows = await readChanges(sql, cid, { after, first }, limit);
  const items = rows.filter((row) => row.rev <= rev).map((row) => frameOf('update', row));
  return `{"items":[${items.join(',')}],"rev":${rev}}`;
}

function readChanges(
  sql: Sql,
  cid: string,
  { after, first }: { readonly after: number; readonly first: number },
  limit: number,
): Promise<readonly FrameRow[]> {
  return sql<FrameRow[]>`
    select ${frameColumns(sql)} from messages m
    where m.conversation_id = ${cid} and m.rev > ${after} and m.rev > 0 and m.seq >= ${first}
    order by m.rev limit ${limit}`;
}

/** One message's present state as a frame. Throws `not_found`. */
export async function readFrame(sql: Sql, cid: string, seq: number): Promise<string> {
  const [row] = await sql<FrameRow[]>`
    select ${frameColumns(sql)} from messages m where m.conversation_id = ${cid} and m.seq = ${seq}`;
  if (row === undefined) throw new ChatError('not_found', 'no such message');
  return frameOf('message', row);
}

/** Messages `from … to` of a tenant's conversation for a gateway, as an encoded batch; empty when there are none. */
export async function historyBatch(sql: Sql, request: PageRequest<'history'>): Promise<string> {
  const { tid, cid, from, to, limit } = request;
  const rows = await sql<FrameRow[]>`
    select ${frameColumns(sql)} from messages m
    where m.conversation_id = ${cid} and m.tenant_id = ${tid} and m.seq between ${from} and ${to}
    order by m.seq limit ${limit}`;
  return batchOf('messages', request, rows, (row) => row.seq);
}

/** Final states of what changed after `after`, as an encoded batch; empty when nothing did. */
export async function changesBatch(sql: Sql, request: PageRequest<'changes'>): Promise<string> {
  const { tid, cid, after, limit } = request;
  const rows = await sql<FrameRow[]>`
    select ${frameColumns(sql)} from messages m
    where m.conversation_id = ${cid} and m.tenant_id = ${tid} and m.rev > ${after} and m.rev > 0
    order by m.rev limit ${limit}`;
  return batchOf('updates', request, rows, (row) => row.rev);
}

/** As many rows as fit into a batch, at least one. */
function batchOf(
  type: BatchHeader['type'],
  { tid, cid }: { readonly tid: string; readonly cid: string },
  rows: readonly FrameRow[],
  numberOf: (row: FrameRow) => number,
): string {
  const frames: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    const frame = frameOf(type === 'messages' ? 'message' : 'update', row);
    bytes += Buffer.byteLength(frame) + 1;
    if (frames.length > 0 && bytes > BATCH_BYTES) break;
    frames.push(frame);
  }
  const [first, last] = [rows[0], rows[frames.length - 1]];
  if (first === undefined || last === undefined) return '';
  const range = { first: numberOf(first), last: numberOf(last), count: frames.length };
  return encodeBatch({ v: 1, type, tid, cid, ...range }, frames);
}

/**
 * Pages of history and of changes, for REST callers and for gateways. Every page is one index range, at any depth.
 *
 * Raw SQL: every join and catch-up reads pages; windows over an index, bounded in bytes.
 */
import { ChatError, LIMITS } from '@messagecore/protocol';
import { BATCH_BYTES, type BatchHeader, encodeBatch, type PageRequest } from '@messagecore/protocol/bus';
import { type ChangesQuery, type HistoryQuery } from '@messagecore/protocol/features';
import { refusalOfReading } from '../permissions/permissions.ts';
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';
import { numberBefore, type Range } from './date-search.ts';
import type { HistoryPart } from './extensions.ts';
import { frameBytes, frameColumns, frameOf, type FrameRow } from './frames.ts';
import type { Reader } from '../identity/caller.ts';
import { firstHeard, mayListen } from './listeners.ts';

interface Heads {
  readonly head: number;
  readonly rev: number;
  readonly epoch: number;
  /** Oldest message that the reader may see. */
  readonly first: number;
}

/** The oldest message that a participant `p` of the conversation `c` may see; a back end that acts for nobody sees all. */
const firstVisible = (sql: Sql | Transaction) =>
  sql`greatest(c.first_seq, case when c.history_since_joining then p.history_from end)`;

/** The heads of a conversation, for a reader who takes part in it. Throws `not_found`, `not_member`. */
export function readHeads(sql: Sql | Transaction, reader: Reader, cid: string): Promise<Heads> {
  return headsFor(sql, reader, cid, { first: firstVisible(sql), may: sql`p.user_id is not null` });
}

/** The same for one who may listen too (LSN-1). */
function readHeadsHeard(sql: Sql, reader: Reader, cid: string): Promise<Heads> {
  const { uid = null } = reader;
  const takesPart = sql`(${uid}::uuid is null or p.user_id is not null)`;
  return headsFor(sql, reader, cid, {
    first: sql`case when ${takesPart} then ${firstVisible(sql)} else ${firstHeard(sql)} end`,
    may: sql`p.user_id is not null or ${mayListen(sql, sql`${uid}::uuid`)}`,
  });
}

async function headsFor(
  sql: Sql | Transaction,
  { tid, uid }: Reader,
  cid: string,
  { first, may }: { readonly first: Fragment; readonly may: Fragment },
): Promise<Heads> {
  const [row] = await sql<(Heads & { member: boolean })[]>`
    select c.last_seq as head, c.last_rev as rev, c.epoch, ${first} as first,
           (${uid ?? null}::uuid is null or ${may}) as member
    from conversations c
    left join participants p on p.conversation_id = c.conversation_id and p.user_id = ${uid ?? null}::uuid
    where c.conversation_id = ${cid} and c.tenant_id = ${tid} and c.deleted_at is null`;
  if (row === undefined) throw new ChatError('not_found', 'no such conversation');
  const refusal = refusalOfReading(row.member);
  if (refusal !== undefined) throw refusal;
  return row;
}

/**
 * A `HistoryPage` as JSON text, with those of the parts that are asked for. It holds nothing beyond the head that it names,
 * so whoever goes on from there misses nothing. Throws `not_found`, `not_member`.
 */
export async function historyPage(
  sql: Sql,
  reader: Reader,
  cid: string,
  query: HistoryQuery,
  parts: readonly HistoryPart[] = [],
): Promise<string> {
  const place = await readHeadsHeard(sql, reader, cid);
  const { head, rev, first, epoch } = place;
  const rows = await readRange(sql, cid, place, query);
  const items = rows.map((row) => frameOf('message', row)).join(',');
  const more = isMore(place, query, rows);
  const asked = await Promise.all(
    parts
      .filter(({ name }) => query[name] === true)
      .map(async (part) => `,"${part.name}":${JSON.stringify(await part.read(sql, { cid, first }, rows))}`),
  );
  return (
    `{"items":[${items}],"head":${head},"rev":${rev},"first":${first},"epoch":${epoch},"more":${more}` +
    `${asked.join('')}}`
  );
}

/** Whether there is more in the direction asked, be it because of `limit` or because of the page's bytes. */
function isMore({ head, first }: Heads, { after, around, at }: HistoryQuery, rows: readonly FrameRow[]): boolean {
  const [oldest, newest] = [rows[0]?.seq, rows.at(-1)?.seq];
  if (oldest === undefined || newest === undefined) return false;
  const [older, newer] = [oldest > first, newest < head];
  if (around !== undefined) return older || newer;
  return after === undefined && at === undefined ? older : newer;
}

async function readRange(
  sql: Sql,
  cid: string,
  { first, head }: Range,
  query: HistoryQuery,
): Promise<readonly FrameRow[]> {
  const { before, after, around, at, limit } = query;
  const bytes = LIMITS.pageBytes;
  const up = (from: number, size: Size) => upwards(sql, cid, sql`${Math.max(from, first - 1)}`, head, size);
  const down = (from: number, size: Size) => downwards(sql, cid, Math.min(head, from), first, size);
  if (after !== undefined) return up(after, { limit, bytes });
  if (at !== undefined) return upwards(sql, cid, numberBefore(sql, cid, at, { first, head }), head, { limit, bytes });
  if (around === undefined) return down((before ?? Infinity) - 1, { limit, bytes });
  const older = Math.min(Math.floor(limit / 2) + 1, limit);
  const [lower, upper] = await Promise.all([
    down(around, { limit: older, bytes: bytes / 2 }),
    up(around, { limit: limit - older, bytes: bytes / 2 }),
  ]);
  return [...lower, ...upper];
}

/** The bounds of a page: at most `limit` messages and `bytes` bytes, but at least one message. */
interface Size {
  readonly limit: number;
  readonly bytes: number;
}

async function downwards(sql: Sql, cid: string, from: number, first: number, size: Size): Promise<readonly FrameRow[]> {
  const condition = sql`m.conversation_id = ${cid} and m.seq <= ${from} and m.seq >= ${first}`;
  return (await readWithin(sql, condition, sql`m.seq desc`, size)).toReversed();
}

async function upwards(sql: Sql, cid: string, after: Fragment, head: number, size: Size): Promise<readonly FrameRow[]> {
  if (size.limit <= 0) return [];
  return readWithin(sql, sql`m.conversation_id = ${cid} and m.seq > ${after} and m.seq <= ${head}`, sql`m.seq`, size);
}

/** Messages in the order of an index, as many as fit. Those that do not fit never leave the database. */
export function readWithin(
  sql: Sql,
  condition: Fragment,
  order: Fragment,
  { limit, bytes }: Size,
): Promise<readonly FrameRow[]> {
  return sql<FrameRow[]>`
    select ${frameColumns(sql)} from (
      select m.*, row_number() over reading as place,
        sum(${frameBytes(sql)}) over reading as bytes
      from (select * from messages m where ${condition} order by ${order} limit ${limit}) m
      window reading as (order by ${order} rows unbounded preceding)
    ) m
    where m.bytes <= ${bytes} or m.place = 1 order by ${order}`;
}

/** Whether there is any such message: what a page that ended by its bytes has left out, for instance. */
export async function isAny(sql: Sql, condition: Fragment): Promise<boolean> {
  return (await sql`select from messages m where ${condition} limit 1`).length > 0;
}

/** A `ChangesPage` as JSON text. Throws `not_found`, `not_member`. */
export async function changesPage(
  sql: Sql,
  reader: Reader,
  cid: string,
  { after, limit }: ChangesQuery,
): Promise<string> {
  const { rev, first } = await readHeadsHeard(sql, reader, cid);
  const rows = (await readChanges(sql, cid, { after, first }, limit)).filter((row) => row.rev <= rev);
  const items = rows.map((row) => frameOf('update', row));
  const more = (rows.at(-1)?.rev ?? rev) < rev;
  return `{"items":[${items.join(',')}],"rev":${rev},"more":${more}}`;
}

function readChanges(
  sql: Sql,
  cid: string,
  { after, first }: { readonly after: number; readonly first: number },
  limit: number,
): Promise<readonly FrameRow[]> {
  const condition = sql`m.conversation_id = ${cid} and m.rev > ${after} and m.rev > 0 and m.seq >= ${first}`;
  return readWithin(sql, condition, sql`m.rev`, { limit, bytes: LIMITS.pageBytes });
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
  const condition = sql`m.conversation_id = ${cid} and m.tenant_id = ${tid} and m.seq between ${from} and ${to}`;
  const rows = await readWithin(sql, condition, sql`m.seq`, { limit, bytes: READ_BYTES });
  return batchOf('messages', request, rows, (row) => row.seq);
}

/** Final states of what changed after `after`, as an encoded batch; empty when nothing did. */
export async function changesBatch(sql: Sql, request: PageRequest<'changes'>): Promise<string> {
  const { tid, cid, after, limit } = request;
  const condition = sql`
    m.conversation_id = ${cid} and m.tenant_id = ${tid} and m.rev > ${after} and m.rev > 0`;
  const rows = await readWithin(sql, condition, sql`m.rev`, { limit, bytes: READ_BYTES });
  return batchOf('updates', request, rows, (row) => row.rev);
}

/** Enough for a batch to be filled, whatever is counted beside the bodies. */
const READ_BYTES = 2 * BATCH_BYTES;

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

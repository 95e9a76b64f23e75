/**
 * The outbox as its readers need it. Rows are written by the write path, in the transaction of what they stand for.
 *
 * Raw SQL: every send leaves through it; settings and writes in one statement.
 */
import { elementsOf, plainArray } from '../../platform/database/array-literals.ts';
import type { CommittedRange, TracedMessage } from '../outbox/committed.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { frameColumns, frameOf, type FrameRow } from '../messages/frames.ts';

/** Frames read from the server at a time. */
const PIECE = 128;

/**
 * Deletes what is published. The commit is not waited for: a row that comes back after a crash of the server is published
 * once more, which readers do not notice.
 */
export async function forget(sql: Sql | Transaction, ids: readonly number[]): Promise<void> {
  await sql`
    with setting as materialized (select set_config('synchronous_commit', 'off', true))
    delete from outbox using setting where id = any(${plainArray(ids)}::bigint[])`;
}

/** Says that the writer of these rows publishes them no more: they are the relay's at once. */
export async function giveUp(sql: Sql | Transaction, ids: readonly number[]): Promise<void> {
  await sql`
    with setting as materialized (select set_config('synchronous_commit', 'off', true))
    update outbox set writer_pid = null from setting where id = any(${plainArray(ids)}::bigint[])`;
}

export interface Page {
  /** The smallest id that a row may have (outbox-floor.ts); all are looked through when left out. */
  readonly from?: number;
  /** Older rows are nobody's any more, whoever wrote them. */
  readonly ageMs: number;
  /** The same for rows whose writer's session is gone. */
  readonly orphanAgeMs: number;
  /** Rows at the most. */
  readonly rows: number;
  /** Frames at the most, unless the first row alone has more. */
  readonly frames: number;
}

/** A row of the outbox: what one transaction has to have published. */
export interface OutboxRow {
  readonly id: number;
  readonly ranges: readonly StoredRange[];
  /** As the table has them. */
  readonly traces: string | null;
}

/** Where in the tables the content of a range is found. */
export interface StoredRange {
  /** Neighbours of one part belong together. Of the outbox: the row and the place there. */
  readonly part: string;
  readonly topic: CommittedRange['topic'];
  readonly cid: string;
  readonly first: number;
  readonly last: number;
}

interface FoundRow {
  readonly id: number;
  readonly topic: CommittedRange['topic'];
  readonly cids: string;
  readonly firsts: string;
  readonly lasts: string;
  readonly left: boolean;
  readonly traces: string | null;
}

/** The oldest rows, in order, up to the first that its writer may still publish. */
export async function oldest(
  sql: Sql | Transaction,
  { from = 0, ageMs, orphanAgeMs, rows, frames }: Page,
): Promise<OutboxRow[]> {
  const found = await sql<FoundRow[]>`
    select id, topic, conversation_ids::text as cids, firsts::text, lasts::text, traces,
      writer_pid is null or created_at < now() - ${ageMs} * interval '1 millisecond'
      or created_at < now() - ${orphanAgeMs} * interval '1 millisecond'
        and writer_pid <> all (array(select pid from pg_stat_activity)) as left
    from outbox where id >= ${from} order by id limit ${rows}`;
  const page: OutboxRow[] = [];
  let sum = 0;
  for (const row of found) {
    const ranges = rangesOfRow(row);
    sum += ranges.reduce((count, { first, last }) => count + last - first + 1, 0);
    if (!row.left || (sum > frames && page.length > 0)) break;
    page.push({ id: row.id, ranges, traces: row.traces });
  }
  return page;
}

function rangesOfRow({ id, topic, cids, firsts, lasts }: FoundRow): StoredRange[] {
  const [first, last] = [elementsOf(firsts).map(Number), elementsOf(lasts).map(Number)];
  return elementsOf(cids).map((cid, n) => ({
    ...{ part: `${id}.${n + 1}`, topic, cid },
    ...{ first: first[n] ?? 0, last: last[n] ?? 0 },
  }));
}

/** By which the traces of messages go on, by `mid`. */
export type Traces = ReadonlyMap<string, string>;
const NONE: Traces = new Map();

export function tracesOf(rows: readonly OutboxRow[]): Traces {
  const pairs = rows.flatMap(({ traces }) => traces?.split(',') ?? []);
  return new Map(pairs.map((pair) => pair.split('=', 2) as [string, string]));
}

/** How much waits to be published: ranges, a conversation's share of a transaction each. */
export async function pending(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select coalesce(sum(cardinality(conversation_ids)), 0)::bigint as count from outbox`;
  return row?.count ?? 0;
}

/**
 * The content of these ranges in their order, read from the messages as they are now, a piece at a time: no statement
 * lasts while what it gave is being published. A change that a later one replaced has no frame any more, so that its range
 * falls into pieces.
 */
export function contentOf(
  sql: Sql | Transaction,
  ranges: readonly StoredRange[],
  traces: Traces = NONE,
): AsyncGenerator<CommittedRange> {
  async function* pages() {
    for (const piece of piecesOf(ranges)) yield await readPiece(sql, piece);
  }
  return rangesOf(pages(), traces);
}

function* piecesOf(ranges: readonly StoredRange[]): Generator<readonly StoredRange[]> {
  let piece: StoredRange[] = [];
  let room = PIECE;
  for (const range of ranges) {
    for (let { first } = range; first <= range.last;) {
      const last = Math.min(range.last, first + room - 1);
      piece.push({ ...range, first, last });
      room -= last - first + 1;
      first = last + 1;
      if (room > 0) continue;
      yield piece;
      [piece, room] = [[], PIECE];
    }
  }
  if (piece.length > 0) yield piece;
}

function readPiece(sql: Sql | Transaction, piece: readonly StoredRange[]): Promise<readonly NumberedRow[]> {
  return sql<NumberedRow[]>`
    with range as materialized (
      select * from unnest(
        ${plainArray(piece.map(({ part }) => part))}::text[], ${plainArray(piece.map(({ topic }) => topic))}::text[],
        ${plainArray(piece.map(({ cid }) => cid))}::uuid[], ${plainArray(piece.map(({ first }) => first))}::bigint[],
        ${plainArray(piece.map(({ last }) => last))}::bigint[]
      ) with ordinality as r (part, topic, conversation_id, first, last, place)
    )
    select part, topic, number, m.tenant_id as tid, ${frameColumns(sql)}
    from range
    cross join lateral (
      select seq as number, * from messages
      where topic = 'msg' and conversation_id = range.conversation_id and seq between first and last
      union all
      select rev as number, * from messages
      where topic = 'upd' and conversation_id = range.conversation_id and rev between first and last and rev > 0
    ) m
    order by place, number`;
}

/** A message with its place in what is to be published; neighbours of one `part` belong together. */
interface NumberedRow extends FrameRow {
  readonly part: string;
  readonly topic: CommittedRange['topic'];
  readonly number: number;
  readonly tid: string;
}

/** Frames and characters in a range at the most, so that a long part is published while it is still being read. */
const RANGE = 1_000;
const RANGE_LENGTH = 8 * 1024 * 1024;

interface GrowingRange extends CommittedRange {
  readonly part: string;
  length: number;
  last: number;
  readonly frames: string[];
  readonly traces: TracedMessage[];
}

/** Joins neighbours whose numbers follow each other. */
async function* rangesOf(pages: AsyncIterable<readonly NumberedRow[]>, traces: Traces): AsyncGenerator<CommittedRange> {
  let range: GrowingRange | undefined;
  for await (const page of pages) {
    for (const row of page) {
      const { part, topic, number, tid, cid } = row;
      const frame = frameOf(topic === 'msg' ? 'message' : 'update', row);
      const follows = range?.part === part && range.cid === cid && range.last === number - 1;
      if (range === undefined || !follows || range.frames.length >= RANGE || range.length >= RANGE_LENGTH) {
        if (range !== undefined) yield range;
        range = { part, tid, cid, topic, first: number, last: number, frames: [], traces: [], length: 0 };
      }
      range.last = number;
      range.length += frame.length;
      range.frames.push(frame);
      const traceparent = topic === 'msg' ? traces.get(row.mid) : undefined;
      if (traceparent !== undefined) range.traces.push({ number, traceparent });
    }
  }
  if (range !== undefined) yield range;
}

/** The outbox as its readers need it. Rows are written by the write path, in the transaction of what they stand for. */
import { plainArray } from '../store/array-literals.ts';
import type { CommittedRange } from '../store/committed.ts';
import type { Sql, Transaction } from '../store/connect.ts';
import { frameColumns, frameOf, type FrameRow } from '../store/frames.ts';

/** Rows fetched from the server at a time. */
const FETCH = 500;

/**
 * Deletes what is published. The commit is not waited for: a row that comes back after a crash of the server is published
 * once more, which readers do not notice.
 */
export async function forget(sql: Sql | Transaction, ids: readonly number[]): Promise<void> {
  await sql`
    with setting as materialized (select set_config('synchronous_commit', 'off', true))
    delete from outbox using setting where id = any(${plainArray(ids)}::bigint[])`;
}

export interface Page {
  readonly ageMs: number;
  /** Rows at the most. */
  readonly rows: number;
  /** Frames at the most, unless the first row alone has more. */
  readonly frames: number;
}

/** Rows of transactions that ended more than `ageMs` ago, oldest first. */
export async function oldest(tx: Transaction, { ageMs, rows, frames }: Page): Promise<number[]> {
  const found = await tx<{ id: number; frames: number }[]>`
    select id, (select sum(last - first + 1) from unnest(firsts, lasts) as r (first, last))::bigint as frames
    from outbox where created_at < now() - ${ageMs} * interval '1 millisecond' order by id limit ${rows}`;
  let sum = 0;
  return found.filter((row, n) => (sum += row.frames) <= frames || n === 0).map(({ id }) => id);
}

/** How much waits to be published: ranges, a conversation's share of a transaction each. */
export async function pending(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select coalesce(sum(cardinality(conversation_ids)), 0)::bigint as count from outbox`;
  return row?.count ?? 0;
}

/**
 * The ranges of these rows in the order of the rows, read from the messages as they are now. A change that a later one
 * replaced has no frame any more, so that its range falls into pieces.
 */
export async function* contentOf(tx: Transaction, ids: readonly number[]): AsyncGenerator<CommittedRange> {
  const rows = tx<NumberedRow[]>`
    with range as (
      select id, topic, place, conversation_id, first, last
      from outbox, unnest(conversation_ids, firsts, lasts) with ordinality as r (conversation_id, first, last, place)
      where id = any(${plainArray(ids)}::bigint[])
    )
    select range.id || '.' || place as part, topic, number, m.tenant_id as tid, ${frameColumns(tx)}
    from range
    cross join lateral (
      select seq as number, * from messages
      where topic = 'msg' and conversation_id = range.conversation_id and seq between first and last
      union all
      select rev as number, * from messages
      where topic = 'upd' and conversation_id = range.conversation_id and rev between first and last and rev > 0
    ) m
    order by range.id, place, number`;
  yield* rangesOf(rows.cursor(FETCH));
}

/** A message with its place in what is to be published; neighbours of one `part` belong together. */
export interface NumberedRow extends FrameRow {
  readonly part: string;
  readonly topic: CommittedRange['topic'];
  readonly number: number;
  readonly tid: string;
}

/** Frames in a range at the most, so that a long part is published while it is still being read. */
const RANGE = 1_000;

interface GrowingRange extends CommittedRange {
  readonly part: string;
  last: number;
  readonly frames: string[];
}

/** Joins neighbours whose numbers follow each other. */
export async function* rangesOf(pages: AsyncIterable<readonly NumberedRow[]>): AsyncGenerator<CommittedRange> {
  let range: GrowingRange | undefined;
  for await (const page of pages) {
    for (const row of page) {
      const { part, topic, number, tid, cid } = row;
      const frame = frameOf(topic === 'msg' ? 'message' : 'update', row);
      const follows = range?.part === part && range.cid === cid && range.last === number - 1;
      if (range !== undefined && follows && range.frames.length < RANGE) {
        range.last = number;
        range.frames.push(frame);
        continue;
      }
      if (range !== undefined) yield range;
      range = { part, tid, cid, topic, first: number, last: number, frames: [frame] };
    }
  }
  if (range !== undefined) yield range;
}

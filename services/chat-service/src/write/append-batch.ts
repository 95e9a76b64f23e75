/** The one statement of the send path: the function `append_messages`, whose migration holds its invariants. */
import { ChatError, type ErrorCode } from '@messagecore/protocol';
import { plainArray, splitArray, textArray } from '../store/array-literals.ts';
import type { Sql, Transaction } from '../store/connect.ts';
import { frameOf } from '../store/frames.ts';
import type { Committed } from '../store/committed.ts';

/** A message to be stored. Its fields have been checked; `body` is its canonical JSON. */
export interface AppendItem {
  readonly tid: string;
  readonly cid: string;
  readonly uid: string;
  readonly mid: string;
  readonly clientId: string;
  readonly kind: string;
  readonly body: string;
  readonly replyTo?: number | undefined;
  readonly threadRoot?: number | undefined;
  /** Only answered if it is a repeat; refused with this wait, in milliseconds, if it is not. */
  readonly waitMs?: number | undefined;
  /** Written by the service in the user's name: needs no membership, and no mute or archive stops it. */
  readonly byService?: boolean;
}

export interface Appended {
  readonly seq: number;
  /** Time of storing, milliseconds since the epoch. */
  readonly at: number;
  /** Stored before, under the same `mid`. */
  readonly repeat: boolean;
}

export type Outcome = Appended | ChatError;

export interface BatchOutcome {
  /** One for each item, in order. */
  readonly outcomes: readonly Outcome[];
  /** What is to be published once the transaction is committed; undefined when nothing was stored. */
  readonly committed: Committed | undefined;
}

interface Row {
  readonly verdicts: string;
  readonly seqs: string;
  readonly stored_ats: string;
  readonly outbox_id: number | null;
}

/**
 * Judges and stores a batch. `waits[n]` above 0 says that item n is over a rate limit and for how long, in milliseconds.
 * On its own it is one transaction; inside one it is a part of it.
 *
 * @throws what the client library throws; nothing was stored then, or, when the connection was lost, nobody knows.
 */
export async function appendBatch(
  sql: Sql | Transaction,
  items: readonly AppendItem[],
  waits: readonly number[],
): Promise<BatchOutcome> {
  const [row] = await sql<Row[]>`
    select verdicts::text, seqs::text, stored_ats::text, outbox_id from append_messages(
      ${plainArray(items.map((item) => item.tid))}, ${plainArray(items.map((item) => item.cid))},
      ${plainArray(items.map((item) => item.uid))}, ${plainArray(items.map((item) => item.mid))},
      ${textArray(items.map((item) => item.clientId))}, ${textArray(items.map((item) => item.kind))},
      ${textArray(items.map((item) => item.body))},
      ${plainArray(items.map((item) => item.replyTo))}, ${plainArray(items.map((item) => item.threadRoot))},
      ${plainArray(items.map((_, n) => (waits[n] ?? 0) > 0))}, ${plainArray(items.map((item) => item.byService ?? false))}
    )`;
  if (row === undefined) throw new Error('no verdicts');
  return readOutcome(row, items, waits);
}

function readOutcome(row: Row, items: readonly AppendItem[], waits: readonly number[]): BatchOutcome {
  const [verdicts, seqs, ats] = [splitArray(row.verdicts), splitArray(row.seqs), splitArray(row.stored_ats)];
  const outcomes = items.map((_, n): Outcome => {
    const verdict = verdicts[n] ?? 'internal';
    if (verdict !== 'stored' && verdict !== 'repeat') return refusal(verdict, waits[n] ?? 0);
    return { seq: Number(seqs[n]), at: Number(ats[n]), repeat: verdict === 'repeat' };
  });
  const committed = row.outbox_id === null ? undefined : { outboxId: row.outbox_id, ranges: rangesOf(items, outcomes) };
  return { outcomes, committed };
}

const DETAIL: Partial<Record<string, string>> = {
  not_found: 'no such conversation',
  forbidden: 'the conversation is archived',
};

function refusal(verdict: string, retryAfterMs: number): ChatError {
  if (verdict === 'reply_to') return missing('replyTo');
  if (verdict === 'thread_root') return missing('threadRoot');
  const more = verdict === 'rate_limited' ? { retryAfterMs } : {};
  return new ChatError(verdict as ErrorCode, DETAIL[verdict], more);
}

function missing(path: string): ChatError {
  const message = 'names no message of this conversation';
  return new ChatError('bad_request', `${path}: ${message}`, { errors: [{ path, message }] });
}

/** The stored messages as frames, a range for each conversation. */
function rangesOf(items: readonly AppendItem[], outcomes: readonly Outcome[]): Committed['ranges'] {
  const ranges = new Map<string, { tid: string; first: number; frames: string[] }>();
  for (const [n, item] of items.entries()) {
    const outcome = outcomes[n];
    if (outcome === undefined || outcome instanceof ChatError || outcome.repeat) continue;
    const range = ranges.get(item.cid);
    const frame = frameOf('message', newMessage(item, outcome));
    if (range === undefined) ranges.set(item.cid, { tid: item.tid, first: outcome.seq, frames: [frame] });
    else range.frames.push(frame);
  }
  return [...ranges].map(([cid, { tid, first, frames }]) => {
    return { tid, cid, topic: 'msg', first, last: first + frames.length - 1, frames };
  });
}

function newMessage(item: AppendItem, { seq, at }: Appended) {
  const { cid, uid, mid, kind, body, replyTo = null, threadRoot = null } = item;
  const unchanged = { rev: 0, edited: false, recalled: false, reactions: null };
  return { cid, seq, mid, from: uid, at, kind, body, replyTo, threadRoot, ...unchanged };
}

/**
 * The one statement of the send path: the SQL function `append_batch`. It stores the messages that are plainly valid
 * and leaves the rest to `append_messages`. The invariants are described in their migrations.
 *
 * Raw SQL: every send goes through it.
 */
import { ChatError, type ErrorCode, LIMITS } from '@messagecore/protocol';
import type { RpcToken } from '@messagecore/protocol/bus';
import {
  elementsOf,
  plainArray,
  sparseArray,
  sparseTextArray,
  textArray,
} from '../../platform/database/array-literals.ts';
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';
import { ONLY_ADMINS_POST } from '../permissions/permissions.ts';
import { frameOf } from './frames.ts';
import { mentionsIn } from './mentions-in-text.ts';
import type { Committed, TracedMessage } from '../outbox/committed.ts';
import type { GuardedSend } from './extensions.ts';

/** A message to be stored. Its fields have been checked. */
export interface AppendItem extends GuardedSend {
  readonly clientId: string;
  /** By which the user acts. Not judged when left out. */
  readonly token?: RpcToken | undefined;
  /** Only answered if it is a repeat; refused with this wait, in milliseconds, if it is not. */
  readonly waitMs?: number | undefined;
  /** Not stored after this moment of the monotonic clock: the caller has stopped waiting. */
  readonly until?: number | undefined;
  /** Written by the service in the user's name: needs no membership, and no mute or archive stops it. */
  readonly byService?: boolean;
  /** By which its trace goes on, where it is part of a recorded one (W3C `traceparent`). */
  readonly trace?: string | undefined;
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

/** See the functions' migrations. */
interface Row {
  readonly stored_rooms: string | null;
  readonly first_seqs: string | null;
  readonly stored_at: number;
  readonly outbox_id: number | null;
  readonly others: string | null;
  readonly verdicts: string | null;
  readonly seqs: string | null;
  readonly ats: string | null;
  readonly mentioned: string | null;
}

/**
 * Checks and stores a batch. `refusals[n]` refuses item n unless it is a repeat. On its own it is one transaction; inside
 * one it is a part of it.
 *
 * @throws what the client library throws; nothing was stored then; when the connection was lost, that is unknown.
 */
export async function appendBatch(
  sql: Sql | Transaction,
  items: readonly AppendItem[],
  refusals: readonly (ChatError | undefined)[],
): Promise<BatchOutcome> {
  const { rooms, roomOf, places } = roomsOf(items);
  const [row] = await sql<Row[]>`
    select stored_rooms::text, first_seqs::text, stored_at, outbox_id,
      others::text, verdicts::text, seqs::text, ats::text, mentioned::text
    from append_batch(
      ${telling(sql, items, plainArray(rooms.map(({ tid }) => tid)))}, ${plainArray(rooms.map(({ cid }) => cid))},
      ${plainArray(rooms.map(({ count }) => count))}, ${plainArray(roomOf)}, ${plainArray(places)},
      ${plainArray(items.map((item) => item.uid))}, ${plainArray(items.map((item) => item.mid))},
      ${textArray(items.map((item) => item.clientId))}, ${textArray(items.map((item) => item.kind))},
      ${textArray(items.map((item) => item.body))},
      ${sparseArray(items.map((item) => item.replyTo))}, ${sparseArray(items.map((item) => item.threadRoot))},
      ${sparseArray(items.map((_, n) => refusals[n] !== undefined))}, ${sparseArray(items.map((item) => item.byService))},
      ${devicesOf(items)}, ${sparseArray(items.map((item) => item.token?.generation))},
      ${sparseTextArray(items.map(mentionsIn))}, ${sparseArray(items.map((item) => item.showInChannel))},
      ${sparseArray(items.map((item) => item.expiresIn))}, ${sparseArray(items.map((item) => item.expiresAfterRead))}
    )`;
  if (row === undefined) throw new Error('no verdicts');
  const outcomes = outcomesOf(row, roomOf, refusals);
  return { outcomes, committed: committedOf(row, items, outcomes) };
}

/**
 * The first argument of the function. Where traces are recorded, a setting of the transaction says of which messages, made
 * before the function begins; the row of the outbox takes it as the default of a column.
 */
function telling(sql: Sql | Transaction, items: readonly AppendItem[], tids: string): string | Fragment {
  const traces = tracesOf(items);
  if (traces === undefined) return tids;
  return sql`case when set_config('messagecore.traces', ${traces}, true) is not null then ${tids}::uuid[] end`;
}

/** Bounded, as the row is read by whoever publishes what was left behind. */
const MOST_TRACES = 64;

function tracesOf(items: readonly AppendItem[]): string | undefined {
  if (items.every(({ trace }) => trace === undefined)) return undefined;
  const traced = items.flatMap(({ mid, trace }) => (trace === undefined ? [] : `${mid}=${trace}`));
  return traced.slice(0, MOST_TRACES).join(',');
}

/** Of the tokens. An empty text names none; null when no token names one. */
function devicesOf(items: readonly AppendItem[]): string | null {
  if (items.every(({ token }) => token?.device === undefined)) return null;
  return textArray(items.map(({ token }) => token?.device ?? ''));
}

/** A conversation of the batch: its index in the batch, from 1, and its number of items. */
interface Room {
  readonly tid: string;
  readonly cid: string;
  place: number;
  count: number;
}

/**
 * The conversations, each once, in ascending order; for each item the index of its conversation and its index among
 * that conversation's items.
 */
function roomsOf(items: readonly AppendItem[]) {
  const known = new Map<string, Room>();
  const places: number[] = [];
  const own = items.map(({ tid, cid }) => {
    const key = cid + tid;
    let room = known.get(key);
    if (room === undefined) known.set(key, (room = { tid, cid, place: 0, count: 0 }));
    places.push(room.count++);
    return room;
  });
  const rooms = [...known.values()].sort((a, b) => (a.cid < b.cid ? -1 : 1));
  for (const [index, room] of rooms.entries()) room.place = index + 1;
  return { rooms, places, roomOf: own.map(({ place }) => place) };
}

function outcomesOf(row: Row, roomOf: readonly number[], refusals: readonly (ChatError | undefined)[]): Outcome[] {
  const others = othersOf(row, refusals);
  const firsts = elementsOf(row.first_seqs);
  const rooms = row.stored_rooms === null ? firsts.map((_, n) => n + 1) : elementsOf(row.stored_rooms).map(Number);
  const next = new Map(rooms.map((room, n) => [room, Number(firsts[n])]));
  return roomOf.map((room, n) => {
    const other = others.get(n);
    if (other !== undefined) return other;
    const seq = next.get(room);
    if (seq === undefined) return new ChatError('internal', 'no verdict');
    next.set(room, seq + 1);
    return { seq, at: row.stored_at, repeat: false };
  });
}

/** The outcomes of items that were not stored, by their index in the batch. */
function othersOf(row: Row, refusals: readonly (ChatError | undefined)[]): Map<number, Outcome> {
  const [verdicts, seqs, ats] = [elementsOf(row.verdicts), elementsOf(row.seqs), elementsOf(row.ats)];
  return new Map(
    elementsOf(row.others).map((place, k): [number, Outcome] => {
      const n = Number(place) - 1;
      const verdict = verdicts[k] ?? '';
      if (verdict === 'repeat') return [n, { seq: Number(seqs[k]), at: Number(ats[k]), repeat: true }];
      if (verdict === REFUSED) return [n, refusals[n] ?? slowMode(Number(ats[k]) - row.stored_at)];
      return [n, refusal(verdict)];
    }),
  );
}

/** What the SQL functions say of an item that was refused before, or by slow mode. */
const REFUSED = 'rate_limited';

const slowMode = (retryAfterMs: number) => new ChatError(REFUSED, 'slow mode', { retryAfterMs });

const DETAIL: Partial<Record<string, string>> = {
  not_found: 'no such conversation',
  forbidden: 'the conversation is archived',
};

function refusal(verdict: string): ChatError {
  if (verdict === 'posting') return new ChatError('forbidden', ONLY_ADMINS_POST);
  if (verdict === 'reply_to') return missing('replyTo');
  if (verdict === 'thread_root') return missing('threadRoot');
  if (verdict === 'too_many_readers') return tooManyReaders();
  return new ChatError(verdict as ErrorCode, DETAIL[verdict]);
}

function missing(path: string): ChatError {
  const message = 'names no message of this conversation';
  return new ChatError('bad_request', `${path}: ${message}`, { errors: [{ path, message }] });
}

function tooManyReaders(): ChatError {
  const most = LIMITS.expiresAfterReadParticipants;
  return new ChatError('too_large', `expiresAfterRead: the conversation has more than ${most} participants`);
}

/** The stored messages as frames, a range for each conversation. */
function committedOf(row: Row, items: readonly AppendItem[], outcomes: readonly Outcome[]): Committed | undefined {
  const { outbox_id: outboxId } = row;
  if (outboxId === null) return undefined;
  const mentioned = mentionedOf(row);
  const ranges = new Map<string, NewRange>();
  for (const [n, item] of items.entries()) {
    const outcome = outcomes[n];
    if (outcome === undefined || outcome instanceof ChatError || outcome.repeat) continue;
    let range = ranges.get(item.cid);
    if (range === undefined) ranges.set(item.cid, (range = { tid: item.tid, first: outcome.seq, frames: [] }));
    range.frames.push(frameOf('message', newMessage(item, outcome, mentioned.get(`${item.cid} ${outcome.seq}`))));
    if (item.trace !== undefined) (range.traces ??= []).push({ number: outcome.seq, traceparent: item.trace });
  }
  return {
    outboxId,
    ranges: [...ranges].map(([cid, { first, ...range }]) => {
      return { ...range, cid, topic: 'msg', first, last: first + range.frames.length - 1 };
    }),
  };
}

interface NewRange {
  readonly tid: string;
  readonly first: number;
  readonly frames: string[];
  traces?: TracedMessage[];
}

/** Whom the stored messages mention, as JSON, by conversation and `seq`. */
function mentionedOf({ mentioned }: Row): ReadonlyMap<string, string> {
  if (mentioned === null) return new Map();
  const found = JSON.parse(mentioned) as [cid: string, seq: number, mentions: object][];
  return new Map(found.map(([cid, seq, mentions]) => [`${cid} ${seq}`, JSON.stringify(mentions)]));
}

const UNCHANGED = {
  rev: 0,
  edited: false,
  recalled: false,
  reactions: null,
  pinned: false,
  poll: null,
  previews: null,
  expired: false,
  isOver: false,
  isReadByAll: false,
};

function newMessage(item: AppendItem, { seq, at }: Appended, mentions: string | undefined) {
  const { cid, uid, mid, kind, body, replyTo = null, threadRoot = null, showInChannel = false } = item;
  const expiresAt = item.expiresIn === undefined ? null : at + item.expiresIn * 1_000;
  return {
    ...UNCHANGED,
    cid,
    seq,
    mid,
    from: uid,
    at,
    kind,
    body,
    replyTo,
    threadRoot,
    showInChannel,
    mentions: mentions ?? null,
    expiresAt,
    expiresAfterRead: item.expiresAfterRead ?? null,
  };
}

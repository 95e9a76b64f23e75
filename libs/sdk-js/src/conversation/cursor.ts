/**
 * Where a client stands in one conversation, and what a frame means to it.
 *
 * Invariant: `since` grows only by the message that follows it or by a gap the server vouches for, and `rev` only by
 * an update that was delivered. So each message and each change is delivered once and in order, whatever repeats, drops
 * and reconnects lie between; what was missed is asked for again by joining from the cursor.
 */
import type { DownFrameOf } from '../wire.ts';

export interface Cursor {
  /** Last message delivered. Undefined until a live-only join is answered. */
  readonly since: number | undefined;
  /** Last change delivered. Undefined until a join without `rev` is answered. */
  readonly rev: number | undefined;
  readonly epoch: number | undefined;
  /** Highest message and change known to exist, and the oldest message still kept. */
  readonly head: number;
  readonly headRev: number;
  readonly first: number;
  /** Changes up to here came, or come, with the replay of the latest answered join; it may skip superseded ones. */
  readonly coveredRev: number;
  /** Joins of this connection that are not answered yet. */
  readonly joins: number;
}

/**
 * What a frame means: `deliver` it; `drop` it, because it is a repeat or will come again; `rejoin` from the cursor, because
 * something is missing; `reset`, because the server's history is not the one this cursor stands in.
 */
export type Verdict = 'deliver' | 'drop' | 'rejoin' | 'reset';

export interface Judgement {
  readonly cursor: Cursor;
  readonly verdict: Verdict;
}

export interface StartAt {
  readonly since?: number | undefined;
  readonly rev?: number | undefined;
  readonly epoch?: number | undefined;
}

export function startCursor({ since, rev, epoch }: StartAt = {}): Cursor {
  return {
    since,
    rev,
    epoch,
    head: since ?? 0,
    headRev: rev ?? 0,
    first: 1,
    coveredRev: rev ?? 0,
    joins: 0,
  };
}

/** A join was sent. */
export function joinSent(cursor: Cursor): Cursor {
  return { ...cursor, joins: cursor.joins + 1 };
}

/** A join was refused. */
export function joinRefused(cursor: Cursor): Cursor {
  return { ...cursor, joins: Math.max(0, cursor.joins - 1) };
}

/** The connection is gone, and with it every join. */
export function disconnected(cursor: Cursor): Cursor {
  return { ...cursor, joins: 0 };
}

export function onJoined(cursor: Cursor, frame: Omit<DownFrameOf<'joined'>, 't' | 'cid'>): Judgement {
  const { since = frame.head, rev = frame.rev, epoch = frame.epoch } = cursor;
  if (epoch !== frame.epoch || since > frame.head) return { cursor: joinRefused(cursor), verdict: 'reset' };
  const { head, first } = frame;
  const joined = { since, rev, epoch, head, first, headRev: frame.rev, coveredRev: frame.rev };
  return { cursor: { ...joined, joins: joinRefused(cursor).joins }, verdict: 'deliver' };
}

export function onMessage(cursor: Cursor, seq: number): Judgement {
  if (cursor.since === undefined || seq <= cursor.since) return { cursor, verdict: 'drop' };
  if (seq > cursor.since + 1) return missing(cursor);
  return { cursor: { ...cursor, since: seq, head: Math.max(cursor.head, seq) }, verdict: 'deliver' };
}

/** Messages `from … to` can never come. */
export function onGap(cursor: Cursor, from: number, to: number): Judgement {
  if (cursor.since === undefined || to <= cursor.since) return { cursor, verdict: 'drop' };
  if (from > cursor.since + 1) return missing(cursor);
  return { cursor: { ...cursor, since: to, head: Math.max(cursor.head, to) }, verdict: 'deliver' };
}

/**
 * A change with number `rev` to message `seq`. Live changes are dense; only the replay of a join leaves out superseded ones.
 */
export function onUpdate(cursor: Cursor, seq: number, rev: number): Judgement {
  if (cursor.since === undefined || cursor.rev === undefined || rev <= cursor.rev) return { cursor, verdict: 'drop' };
  if (seq > cursor.since || rev > Math.max(cursor.rev, cursor.coveredRev) + 1) return missing(cursor);
  return { cursor: { ...cursor, rev, headRev: Math.max(cursor.headRev, rev) }, verdict: 'deliver' };
}

/**
 * Messages up to `to` came in a form that this client cannot read, and would come so again: they are passed over. They
 * may be of a later version of the protocol.
 */
export function passOver(cursor: Cursor, to: number): Cursor {
  return { ...cursor, since: to, head: Math.max(cursor.head, to) };
}

/** The server told how far the conversation has come. */
export function onHead(cursor: Cursor, head: number, rev: number): Cursor {
  return { ...cursor, head: Math.max(cursor.head, head), headRev: Math.max(cursor.headRev, rev) };
}

/** Something exists that has not been delivered. It may be on its way; if nothing moves, it was lost. */
export function isBehind({ since, head, rev, coveredRev, headRev }: Cursor): boolean {
  return since === undefined || since < head || Math.max(rev ?? 0, coveredRev) < headRev;
}

function missing(cursor: Cursor): Judgement {
  return { cursor, verdict: cursor.joins > 0 ? 'drop' : 'rejoin' };
}

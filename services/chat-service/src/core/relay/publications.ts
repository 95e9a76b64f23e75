import { BATCH_BYTES, encodeBatch, subjects } from '@messagecore/protocol/bus';
import type { CommittedRange, TracedMessage } from '../outbox/committed.ts';

export interface Publication {
  readonly subject: string;
  readonly payload: string;
  /** The same for the same part of the same range, whoever publishes it, so that the stream drops repeats. */
  readonly msgId: string;
  /** By which the traces of its messages go on; nearly always none. */
  readonly traces: readonly string[];
}

const NONE: readonly TracedMessage[] = [];
const TYPES = { msg: 'messages', upd: 'updates' } as const;

/** A range as batches of at most `BATCH_BYTES`, or of one frame. */
export function publicationsOf(range: CommittedRange): Publication[] {
  return partsOf(range).map(({ tid, cid, topic, first, last, frames, traces = NONE }) => ({
    subject: subjects.conversation(tid, cid, topic),
    payload: encodeBatch({ v: 1, type: TYPES[topic], tid, cid, first, last, count: frames.length }, frames),
    msgId: `${cid}:${topic}:${first}-${last}`,
    traces: traces.flatMap(({ number, traceparent }) => (number >= first && number <= last ? traceparent : [])),
  }));
}

function partsOf(range: CommittedRange): CommittedRange[] {
  const parts: CommittedRange[] = [];
  let start = 0;
  let bytes = 0;
  const cut = (end: number) => {
    const frames = range.frames.slice(start, end);
    parts.push({ ...range, first: range.first + start, last: range.first + end - 1, frames });
    start = end;
    bytes = 0;
  };
  for (const [n, frame] of range.frames.entries()) {
    const size = Buffer.byteLength(frame) + 1;
    if (n > start && bytes + size > BATCH_BYTES) cut(n);
    bytes += size;
  }
  cut(range.frames.length);
  return parts;
}

/** Frames as the bus carries them, for tests. */
import { encodeBatch } from '@messagecore/protocol/bus';
import type { Block, Mark } from './block.ts';

interface Update extends Mark {
  readonly frame: Uint8Array;
}

export const TID = '018f2a60-7c1e-7cc0-8000-00000000000a';
export const CID = '018f2a60-7c1e-7cc0-8000-000000000001';

/** `state` stands for what an edit would change: the revision of the message. */
export const messageFrame = (seq: number, rev = 0): Buffer =>
  Buffer.from(JSON.stringify({ t: 'message', cid: CID, seq, body: { text: `text ${seq}` }, rev }));

const updateFrame = (rev: number, seq: number): Buffer =>
  Buffer.from(JSON.stringify({ t: 'update', cid: CID, seq, body: { text: `text ${seq}` }, rev }));

export const update = (rev: number, seq: number): Update => ({ rev, seq, frame: updateFrame(rev, seq) });

/** A payload of messages; holes allowed. */
export function messagesPayload(frames: readonly Buffer[]): Uint8Array {
  if (frames.length === 0) return new Uint8Array(0);
  const seqs = frames.map((frame) => (JSON.parse(frame.toString()) as { seq: number }).seq);
  return payload('messages', seqs, frames);
}

export function updatesPayload(updates: readonly Update[]): Uint8Array {
  if (updates.length === 0) return new Uint8Array(0);
  return payload(
    'updates',
    updates.map(({ rev }) => rev),
    updates.map(({ frame }) => Buffer.from(frame)),
  );
}

function payload(type: 'messages' | 'updates', numbers: readonly number[], frames: readonly Buffer[]): Uint8Array {
  const range = { first: numbers[0] ?? 1, last: numbers.at(-1) ?? 1, count: frames.length };
  return Buffer.from(encodeBatch({ v: 1, type, tid: TID, cid: CID, ...range }, frames.map(String)));
}

export interface SeenFrame {
  readonly t: string;
  readonly seq: number;
  readonly rev: number;
  readonly from?: number;
  readonly to?: number;
  readonly reason?: string;
}

/** What a client would read of these blocks. */
export function framesOf(blocks: readonly Block[]): SeenFrame[] {
  return blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, index) => JSON.parse(block.json(index).toString()) as SeenFrame),
  );
}

import { decodeBatch } from '@messagecore/protocol/bus';
import type { Stretch, Update } from './room-log.ts';

/**
 * Messages of a bus payload or a history page, as dense stretches: more than one where the history has holes. None for
 * an empty page. @throws when the payload is malformed.
 */
export function readMessages(payload: Uint8Array): Stretch[] {
  if (payload.length === 0) return [];
  const { header, frames } = decodeBatch(payload);
  if (header.type !== 'messages') throw new Error(`${header.type} where messages belong`);
  if (header.last - header.first + 1 === frames.length) return [{ first: header.first, frames }];
  const stretches: { first: number; frames: Uint8Array[] }[] = [];
  for (const frame of frames) {
    const { seq } = parse(frame);
    const last = stretches.at(-1);
    if (last !== undefined && last.first + last.frames.length === seq) last.frames.push(frame);
    else stretches.push({ first: seq, frames: [frame] });
  }
  return stretches;
}

/** Updates of a bus payload or a page of changes. @throws when the payload is malformed. */
export function readUpdates(payload: Uint8Array): Update[] {
  if (payload.length === 0) return [];
  const { header, frames } = decodeBatch(payload);
  if (header.type !== 'updates') throw new Error(`${header.type} where updates belong`);
  return frames.map((frame) => {
    const { rev, seq } = parse(frame);
    return { rev, seq, frame };
  });
}

/** Where a frame stands. Of the rest nothing is looked at. */
function parse(frame: Uint8Array): { readonly seq: number; readonly rev: number } {
  const { seq, rev } = JSON.parse(decoder.decode(frame)) as { seq: unknown; rev: unknown };
  if (!isNumber(seq) || !isNumber(rev)) throw new Error('a frame without seq or rev');
  return { seq, rev };
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const decoder = new TextDecoder();

import { BATCH_BYTES, decodeBatch } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { publicationsOf } from './publications.ts';

const tid = '0b1a8f52-5a0f-4b1e-9a43-1f3f5f0c0001';
const cid = '0b1a8f52-5a0f-4b1e-9a43-1f3f5f0c0002';
const encoder = new TextEncoder();

function decoded(payload: string) {
  const { header, frames } = decodeBatch(encoder.encode(payload));
  return { header, frames: frames.map((frame) => Buffer.from(frame).toString()) };
}

test('a range is one publication that names what is in it', () => {
  const frames = ['{"a":1}', '{"a":2}', '{"a":"三"}'];
  const [only, ...more] = publicationsOf({ tid, cid, topic: 'upd', first: 7, last: 9, frames });
  expect(more).toEqual([]);
  expect(only?.subject).toBe(`conv.${tid}.${cid}.upd`);
  expect(only?.msgId).toBe(`${cid}:upd:7-9`);
  expect(decoded(only!.payload)).toEqual({
    header: { v: 1, type: 'updates', tid, cid, first: 7, last: 9, count: 3 },
    frames,
  });
});

test('a range larger than a payload may be is cut, with no frame lost or doubled', () => {
  const frames = Array.from({ length: 50 }, (_, n) => JSON.stringify({ n, text: '界'.repeat(10_000) }));
  const parts = publicationsOf({ tid, cid, topic: 'msg', first: 101, last: 150, frames });
  expect(parts.length).toBeGreaterThan(1);
  const batches = parts.map(({ payload }) => decoded(payload));
  expect(batches.flatMap((batch) => batch.frames)).toEqual(frames);
  let next = 101;
  for (const [n, { header, frames: part }] of batches.entries()) {
    expect(header).toMatchObject({ type: 'messages', first: next, last: next + part.length - 1, count: part.length });
    expect(parts[n]?.msgId).toBe(`${cid}:msg:${header.first}-${header.last}`);
    expect(Buffer.byteLength(part.join('\n'))).toBeLessThanOrEqual(BATCH_BYTES);
    next = header.last + 1;
  }
});

test('a frame that is larger than a payload should be goes alone', () => {
  const huge = JSON.stringify('x'.repeat(BATCH_BYTES));
  const parts = publicationsOf({ tid, cid, topic: 'msg', first: 1, last: 3, frames: ['1', huge, '3'] });
  expect(parts.map(({ msgId }) => msgId.split(':')[2])).toEqual(['1-1', '2-2', '3-3']);
});

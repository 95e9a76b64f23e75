import { decodeRaw } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { Batch, Block, Signal } from './block.ts';
import { frameOf, OPCODE } from './framing.ts';

const cid = '018f2a60-7c1e-7cc0-8000-000000000001';
const message = (seq: number, text = `text ${seq}`) =>
  Buffer.from(JSON.stringify({ t: 'message', cid, seq, body: { text } }));
const update = (rev: number, seq: number) => Buffer.from(JSON.stringify({ t: 'update', cid, rev, seq }));
const framed = (...frames: Buffer[]) => Buffer.concat(frames.map((frame) => frameOf(OPCODE.text, frame)));

test('a block is its frames in wire form, and a slice of it shares the memory', () => {
  const frames = [message(5), message(6, 'x'.repeat(200)), message(7)];
  const block = Block.messages(cid, 5, frames);
  expect(Buffer.from(block.text)).toEqual(framed(...frames));
  expect([block.first, block.last, block.count]).toEqual([5, 7, 3]);
  const slice = block.slice(1, 3);
  expect(Buffer.from(slice.text)).toEqual(framed(frames[1]!, frames[2]!));
  expect([slice.first, slice.last, slice.byteLength]).toEqual([6, 7, slice.text.length]);
  expect(slice.text.buffer).toBe(block.text.buffer);
  expect(slice.json(0).toString()).toBe(frames[1]!.toString());
});

test('a block keeps nothing of the buffers that it was made of', () => {
  const received = message(1);
  const block = Block.messages(cid, 1, [received]);
  const before = Buffer.from(block.text).toString();
  received.fill(0);
  expect(Buffer.from(block.text).toString()).toBe(before);
  expect(block.text.buffer.byteLength).toBe(block.text.length);
});

test('the binary form has the same frames', () => {
  const block = Block.messages(cid, 1, [message(1), message(2, '消息')]);
  let at = 0;
  for (const seq of [1, 2]) {
    expect(block.binary[at]).toBe(0x80 | OPCODE.binary);
    const length = block.binary[at + 1]!;
    const frame = decodeRaw(block.binary.subarray(at + 2, at + 2 + length), 'msgpack');
    expect(frame).toEqual(JSON.parse(block.json(seq - 1).toString()));
    at += 2 + length;
  }
  expect(at).toBe(block.binary.length);
  expect(block.binary).toBe(block.binary);
});

test('an update block numbers by rev, also where numbers are left out', () => {
  const marks = [
    { rev: 3, seq: 9 },
    { rev: 7, seq: 2 },
  ];
  const block = Block.updates(cid, [update(3, 9), update(7, 2)], marks);
  expect([block.first, block.last, block.slice(1, 2).first]).toEqual([3, 7, 7]);
});

test('a batch visits its frames in order, each with the position after it', () => {
  const gap = Block.gap(cid, 3, 8, 'erased');
  const blocks = [
    Block.messages(cid, 1, [message(1), message(2)]),
    gap,
    Block.updates(cid, [update(4, 1)], [{ rev: 4, seq: 1 }]),
  ];
  const batch = new Batch(cid, blocks);
  const seen: unknown[] = [];
  batch.each((json, t, seq, rev) =>
    seen.push([(JSON.parse(Buffer.from(json).toString()) as { t: string }).t, t, seq, rev]),
  );
  expect(seen).toEqual([
    ['message', 'message', 1, undefined],
    ['message', 'message', 2, undefined],
    ['gap', 'gap', 8, undefined],
    ['update', 'update', undefined, 4],
  ]);
  expect(batch.count).toBe(4);
  expect(batch.text.length).toBe(blocks.reduce((sum, block) => sum + block.byteLength, 0));
});

test('part of a gap says what part', () => {
  const gap = Block.gap(cid, 3, 8, 'erased');
  const frame: unknown = JSON.parse(gap.gapWithin(5, 6).json(0).toString());
  expect(frame).toEqual({ t: 'gap', cid, from: 5, to: 6, reason: 'erased' });
});

test('a signal is one frame without a position', () => {
  const signal = new Signal(cid, { t: 'typing', cid, from: cid, on: true });
  expect(Buffer.from(signal.text)).toEqual(
    framed(Buffer.from(JSON.stringify({ t: 'typing', cid, from: cid, on: true }))),
  );
  signal.each((_json, t, seq, rev) => expect([t, seq, rev]).toEqual(['typing', undefined, undefined]));
});

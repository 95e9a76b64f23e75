import { VirtualClock } from '@messagecore/kernel';
import { type DownFrame, decodeRaw, encodeFrame } from '@messagecore/protocol';
import type { Logger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { Batch, Block } from './block.ts';
import { payloadStart } from './framing.ts';
import { reportUnencodable } from './unencodable.ts';

const cid = '018f2a60-7c1e-7cc0-8000-000000000001';
const message = (seq: number, more: string = '') =>
  Buffer.from(`{"t":"message","cid":"${cid}","seq":${seq},"body":{"text":"x"}${more}}`);
/** Deeper than any MessagePack encoder goes. */
const BOTTOMLESS = `,"reactions":${'['.repeat(200)}${']'.repeat(200)}`;

function binaryFrames(bytes: Uint8Array): DownFrame[] {
  const frames: DownFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = payloadStart(bytes, at);
    const length = start - at === 2 ? bytes[at + 1]! : Buffer.from(bytes).readUInt16BE(at + 2);
    frames.push(decodeRaw(bytes.subarray(start, start + length), 'msgpack') as DownFrame);
    at = start + length;
  }
  return frames;
}

test('[FRM-13] a key that decoders refuse is left out of a MessagePack frame', () => {
  const frame = JSON.parse(message(1, ',"reactions":{"__proto__":1,"👍":2}').toString()) as DownFrame;
  expect(decodeRaw(encodeFrame(frame, 'msgpack'), 'msgpack')).toEqual({
    t: 'message',
    cid,
    seq: 1,
    body: { text: 'x' },
    reactions: { '👍': 2 },
  });
  const block = Block.messages(cid, 1, [message(1, ',"reactions":{"__proto__":1}')]);
  expect(binaryFrames(block.binary)).toEqual([{ t: 'message', cid, seq: 1, body: { text: 'x' }, reactions: {} }]);
});

test('[FRM-14] a message that cannot be encoded ends no session: its place is told, and those behind it come', () => {
  const block = Block.messages(cid, 1, [message(1), message(2, BOTTOMLESS), message(3)]);
  expect(binaryFrames(block.binary)).toMatchObject([
    { t: 'message', seq: 1 },
    { t: 'gap', from: 2, to: 2, reason: 'erased' },
    { t: 'message', seq: 3 },
  ]);
  expect(block.failures).toMatchObject([{ cid, t: 'message', number: 2 }]);
});

test('[FRM-14] a change that cannot be encoded is left out', () => {
  const update = (rev: number, more = '') => Buffer.from(`{"t":"update","cid":"${cid}","seq":1,"rev":${rev}${more}}`);
  const marks = [4, 5].map((rev) => ({ rev, seq: 1 }));
  const block = Block.updates(cid, [update(4, BOTTOMLESS), update(5)], marks);
  expect(binaryFrames(new Batch(cid, [block]).binary)).toMatchObject([{ t: 'update', rev: 5 }]);
  expect(block.failures).toMatchObject([{ t: 'update', number: 4 }]);
});

test('[FRM-14] what was left out is counted once, however many sessions did not get it', () => {
  let counted = 0;
  const logged: unknown[] = [];
  const log = { error: (about: unknown) => logged.push(about) } as Partial<Logger> as Logger;
  const report = reportUnencodable({ clock: new VirtualClock(), log, onFailure: () => (counted += 1) });
  const failures = Array.from({ length: 30 }, (_, seq) => ({ cid, t: 'message', number: seq, error: new Error('x') }));
  for (const failure of [...failures, ...failures]) report(failure);
  expect(counted).toBe(30);
  expect(logged).toHaveLength(10);
});

import { UpFrame } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { frameMaker, indexOf } from './send-frame.ts';

const cid = '0b1a8f52-5a0f-4b1e-9a43-1f3f5f0c0001';
/** The header of a client's frame of this size: two bytes, two of length, the mask. */
const HEADER = 8;

test('every frame is a valid send of its own, and carries its index', () => {
  const make = frameMaker(cid);
  const mids = [7, 1_234_567_890, 0].map((index) => {
    const payload = make(index).subarray(HEADER);
    const frame = UpFrame.parse(JSON.parse(payload.toString()));
    expect(frame).toMatchObject({ t: 'send', cid });
    expect(indexOf(payload)).toBe(index);
    return frame.t === 'send' ? frame.mid : '';
  });
  expect(new Set(mids).size).toBe(3);
});

test('makers do not meet', () => {
  expect(frameMaker(cid)(1).equals(frameMaker(cid)(1))).toBe(false);
});

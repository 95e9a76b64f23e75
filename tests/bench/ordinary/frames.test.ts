import { UpFrame } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { digitsAt, indexInMid, indexInText, messageOf, midOf } from './frames.ts';

const cid = '0b1a8f52-5a0f-4b1e-9a43-1f3f5f0c0001';

test.each([0, 7, 1_234_567_890])('message %d is a valid send of its own and is found again in every frame', (index) => {
  const send = { t: 'send', clientId: 'bench', ...messageOf(cid, index) };
  expect(UpFrame.parse(send)).toMatchObject({ t: 'send', cid, mid: midOf(index) });
  expect(indexInText(Buffer.from(`42["message",${JSON.stringify(send)}]`))).toBe(index);
  expect(indexInMid(Buffer.from(JSON.stringify({ t: 'ack', cid, pos: 1, mid: midOf(index), at: 0 })))).toBe(index);
  expect(digitsAt(Buffer.from(`43${index}["1"]`), 2)).toBe(index);
});

import { ReadEvent, subjects } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { createSignals } from './signals.ts';

const [TID, CID] = ['018f2a60-7c1e-7cc0-8000-000000000001', '018f2a60-7c1e-7cc0-8000-000000000002'];
const userId = (n: number) => `018f2a60-7c1e-7cc0-8000-00000000010${n}`;

test('who has read in one conversation at the same time is told in one signal', () => {
  const published: [string, unknown][] = [];
  const publish = (subject: string, payload: Uint8Array | string) => {
    published.push([subject, ReadEvent.parse(JSON.parse(String(payload)))]);
    return true;
  };
  const signals = createSignals({ publish });
  const positions = [1, 2, 3].map((n) => ({ userId: userId(n), pos: n }));
  const [first, ...more] = positions;
  signals.read(TID, CID, positions);
  signals.read(TID, CID, positions.slice(0, 1));
  signals.read(TID, CID, []);
  const subject = subjects.conversation(TID, CID, 'read');
  expect(published).toEqual([
    [subject, { v: 1, cid: CID, ...first, more }],
    [subject, { v: 1, cid: CID, ...first }],
  ]);
});

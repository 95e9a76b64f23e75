import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeResumeToken, encodeResumeToken } from './resume-token.ts';

const number = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER));
const places = fc.uniqueArray(
  fc.tuple(fc.uuid({ version: 7 }), fc.record({ seq: number, rev: number, epoch: fc.nat(1_000) })),
  { selector: ([cid]) => cid, maxLength: 100 },
);

test('[SSE-3] a token says where every conversation stands', () => {
  fc.assert(
    fc.property(places, (positions) => {
      const token = encodeResumeToken(positions);
      expect(token).toMatch(/^[\w.~-]*$/);
      expect([...decodeResumeToken(token)]).toEqual(positions);
    }),
  );
});

test('whatever else comes as a token is read as far as it makes sense', () => {
  fc.assert(fc.property(fc.string(), (token) => void decodeResumeToken(token)));
  const good = encodeResumeToken([['018f2a60-7c1e-7cc0-8000-000000000001', { seq: 7, rev: 1, epoch: 0 }]]);
  expect([
    ...decodeResumeToken(`nonsense~${good}~AAAA.1.2.3~${good.replace('.7.', '.zzzzzzzzzzz.')}`).values(),
  ]).toEqual([{ seq: 7, rev: 1, epoch: 0 }]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRefreshTokens } from './refresh-tokens.ts';

const KEY = Buffer.alloc(32, 'key');
const tokens = createRefreshTokens(KEY);
const claims = fc.record({ id: fc.uuid(), rotation: fc.integer({ min: 1, max: 2 ** 48 - 1 }) });

test('what was issued is read', () => {
  fc.assert(
    fc.property(claims, (each) => {
      expect(tokens.read(tokens.issue(each))).toEqual(each);
    }),
  );
});

test('what was changed, or issued with another key, is not', () => {
  const others = createRefreshTokens(Buffer.alloc(32, 'other'));
  const change = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
  fc.assert(
    fc.property(claims, change, (each, { at, by }) => {
      const bytes = Buffer.from(tokens.issue(each).slice(4), 'base64url');
      bytes[at % bytes.length]! ^= by;
      expect(tokens.read(`mcr_${bytes.toString('base64url')}`)).toBeUndefined();
      expect(others.read(tokens.issue(each))).toBeUndefined();
    }),
  );
});

test('what is none is not', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(tokens.read(text)).toBeUndefined();
    }),
  );
});

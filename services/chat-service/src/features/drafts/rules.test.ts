import { LIMITS } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { keptBody } from './rules.ts';

test.each([null, {}, { text: '' }])('%j is nothing to keep', (body) => {
  expect(keptBody(body)).toBe(null);
});

test('anything else is kept as it is, up to the size of a message', () => {
  expect(keptBody({ text: ' ' })).toBe('{"text":" "}');
  expect(keptBody({ text: '', poll: ['a'] })).toBe('{"text":"","poll":["a"]}');
  const longest = 'ü'.repeat(LIMITS.bodyBytes / 2 - 10);
  expect(keptBody({ a: longest })).toContain(longest);
  expect(() => keptBody({ a: longest, b: longest })).toThrow(expect.objectContaining({ code: 'too_large' }));
});

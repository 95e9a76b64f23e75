import { expect, test } from 'vitest';
import { withoutCode } from './without-code.ts';

test.each([
  ['a span', 'a `b` c', 'a \n c'],
  ['longer marks around shorter ones', 'a ``b ` c`` d', 'a \n d'],
  ['a span over lines', 'a `b\nc` d', 'a \n d'],
  ['no end', 'a `b c', 'a `b c'],
  ['an end of another length', 'a `b`` c', 'a `b`` c'],
  ['taken away by a backslash', 'a \\`b` c', 'a \\`b` c'],
  ['a backslash within', 'a `b\\` c', 'a \n c'],
  ['two spans', '`a` b `c`', '\n b \n'],
  ['a block', 'a\n```\nb\n```\nc', 'a\nc'],
  ['a block of a language', 'a\n```ts\nb\n```\nc', 'a\nc'],
  ['a block of tildes', 'a\n~~~\nb\n```\nc\n~~~\nd', 'a\nd'],
  ['a longer fence', '````\na\n```\nb\n````\nc', 'c'],
  ['a block without an end', 'a\n```\nb', 'a'],
  ['no block in a line', 'a ``` b', 'a ``` b'],
  ['nothing', 'plain ~text~', 'plain ~text~'],
])('%s', (_, text, left) => {
  expect(withoutCode(text)).toBe(left);
});

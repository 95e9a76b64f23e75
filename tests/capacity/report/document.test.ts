import { expect, test } from 'vitest';
import { replacePart } from './document.ts';

const page =
  'before\n<!-- measured: a -->\nold\n<!-- end of a -->\nbetween\n<!-- measured: b -->\n<!-- end of b -->\nafter\n';

test('a part is replaced between its marks, and nothing else is touched', () => {
  const once = replacePart(page, { id: 'a', text: 'new' });
  expect(once).toBe(page.replace('\nold\n', '\n\nnew\n\n'));
  expect(replacePart(once, { id: 'a', text: 'new' })).toBe(once);
});

test('a page without the place is refused', () => {
  expect(() => replacePart(page, { id: 'c', text: 'new' })).toThrow('no place');
});

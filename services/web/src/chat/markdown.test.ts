import { expect, test } from 'vitest';
import { type Block, blocksOf, type Inline, lineOf } from './markdown.ts';

/** As an outline: what is around what. */
function outline(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if (block.type === 'code') return `code(${block.text})`;
      if (block.type === 'paragraph') return words(block.inline);
      if (block.type === 'quote') return `quote(${outline(block.blocks)})`;
      return `list${block.start ?? ''}(${block.items.map((item) => outline(item)).join(', ')})`;
    })
    .join(' | ');
}

function words(inlines: readonly Inline[]): string {
  return inlines
    .map((each) => {
      if (each.type === 'text') return each.text;
      if (each.type === 'code') return `code(${each.text})`;
      return `${each.type}(${words(each.inline)}${each.type === 'link' ? ` ${each.href}` : ''})`;
    })
    .join('');
}

test.each([
  ['**a** *b* ~~c~~ `d*e*`', 'strong(a) em(b) del(c) code(d*e*)'],
  ['[x **y**](https://a.example)', 'link(x strong(y) https://a.example)'],
  ['[mail](mailto:a@b.example)', 'link(mail mailto:a@b.example)'],
  ['> a\n> b\n\nc', 'quote(a\nb) | c'],
  ['- a\n- b', 'list(a, b)'],
  ['3. a\n4. b', 'list3(a, b)'],
  [`${'> '.repeat(20)}a`, `${'quote('.repeat(20)}a${')'.repeat(20)}`],
  ['```js\n<b>\n```', 'code(<b>)'],
])('%j is rendered', (text, shown) => {
  expect(outline(blocksOf(text))).toBe(shown);
});

test.each([
  '[x](javascript:alert)',
  '![picture](https://a.example/p.png)',
  '<b>bold</b> <script>x</script>',
  '# Title',
  '| a |\n|---|\n| b |',
  'a &amp; b',
  'plain 文字',
  '>'.repeat(16_000),
  '['.repeat(16_000),
  '1. '.repeat(5_000),
  '- 1. '.repeat(3_000),
  `${'*a _a '.repeat(1_300)}${'x_ x* '.repeat(1_300)}`,
  `${'> '.repeat(30)}a`,
])('%.40s is shown as it was typed', (text) => {
  expect(outline(blocksOf(text))).toBe(text);
});

test.each([
  ['**a** `:b:` [c](https://a.example)', 'a |:b:| c'],
  ['# a\n\n> b\n\n- c\n- `d`', '# a b c |d|'],
  ['```\n:a:\n```\n:b:', '|:a:| :b:'],
])('%j is a line', (text, line) => {
  const shown = lineOf(text).map((part) => (part.isCode ? `|${part.text}|` : part.text));
  expect(shown.join('')).toBe(line);
});

test('of a long text a line shows the beginning', () => {
  expect(lineOf('a'.repeat(16_000))).toEqual([{ text: 'a'.repeat(1_000), isCode: false }]);
});

import { describe, expect, test } from 'vitest';
import { emojiBegunAt, emojiParts, emojisLike, emojisOf, pictureOf } from './emojis.ts';

const image = (name: string) => `https://example.org/${name}.png`;
const EMOJIS = emojisOf(['cat', 'catch', 'bobcat', 'party', '+1'].map((name) => ({ name, image: image(name) })));

test('pictures are shown over https alone', () => {
  const images = ['http://example.org/a.png', 'javascript:alert(1)', 'a.png', 'https://example.org/a.png'];
  expect([...emojisOf(images.map((each, n) => ({ name: `${n}`, image: each }))).keys()]).toEqual(['3']);
});

test('[REV-16] a reaction is a picture where its name has one, and its name where it has none', () => {
  expect(pictureOf(':cat:', EMOJIS)).toEqual({ name: 'cat', image: image('cat') });
  expect([':dog:', 'cat', '👍'].map((each) => pictureOf(each, EMOJIS))).toEqual([undefined, undefined, undefined]);
});

describe('in a text', () => {
  test.each([
    ['你好:cat:！', ['你好', 'cat', '！']],
    [':Cat: and :+1:', ['cat', ' and ', '+1']],
    [':cat::party:', ['cat', 'party']],
    [':dog::cat: :dog:', [':dog:', 'cat', ' :dog:']],
    ['12:cat:30, a:cat: :cat', ['12:cat:30, a:cat: :cat']],
    ['std::cat::party', ['std::cat::party']],
    ['', []],
  ])('%j', (text, parts) => {
    const shown = emojiParts(text, EMOJIS).map((part) => (typeof part === 'string' ? part : part.name));
    expect(shown).toEqual(parts);
  });
});

test.each([
  [':ca', 3, { from: 0, query: 'ca' }],
  ['你好:ca', 5, { from: 2, query: 'ca' }],
  ['so :cat::pa', 11, { from: 8, query: 'pa' }],
  [':ca and more', 3, { from: 0, query: 'ca' }],
  [':p', 2, undefined],
  ['10:30', 5, undefined],
  [':cat:', 5, undefined],
])('whether %j at %i begins one', (text, caret, begun) => {
  expect(emojiBegunAt(text, caret)).toEqual(begun);
});

test('those that are meant begin like it, or have it within them', () => {
  const names = (query: string, limit?: number) => emojisLike(query, EMOJIS, limit).map(({ name }) => name);
  expect([names('cat'), names(':CA', 2), names('+'), names('x')]).toEqual([
    ['cat', 'catch', 'bobcat'],
    ['cat', 'catch'],
    ['+1'],
    [],
  ]);
});

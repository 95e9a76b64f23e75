import { expect, test } from 'vitest';
import { offersAt } from './completion.ts';

const sources = {
  people: [{ id: '1', name: 'Ann' }],
  emojis: new Map([['announce', 'https://example.org/announce.png']]),
};

test.each([
  ['hi @an', 'people', ['@Ann']],
  ['hi :an', 'emojis', [':announce:']],
  ['@Ann :an', 'emojis', [':announce:']],
  ['@:xy', 'people', []],
])('%j', (text, of, written) => {
  const offered = offersAt(text, text.length, sources);
  expect([offered?.of, offered?.offers.map((each) => each.written)]).toEqual([of, written]);
});

test('one’s own name is not offered, and one who is called the same is meant by id', () => {
  const self = { id: '2', name: 'Design', isSelf: true } as const;
  const group = { id: '3', name: 'design', isGroup: true } as const;
  const offered = offersAt('@des', 4, { ...sources, people: [self, group] });
  expect(offered?.offers.map((each) => each.written)).toEqual(['<&3>']);
});

test('nothing where nothing was begun', () => {
  expect(offersAt('hi :xy', 6, sources)).toBeUndefined();
});

import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { SignsOfLife } from './signs-of-life.ts';

function open() {
  const clock = new VirtualClock();
  const signs = new SignsOfLife(clock);
  const missed: number[] = [];
  signs.onMissed((agoMs) => missed.push(agoMs));
  /** A second later. */
  const hear = (name: string, number?: number) => {
    clock.advance(1_000);
    signs.note(name, number);
  };
  return { clock, signs, missed, hear };
}

test('signs without a gap tell of no break, whoever starts and stops', () => {
  const { missed, hear } = open();
  for (const number of [7, 8, 9]) hear('a', number);
  hear('b', 1);
  for (const number of [2, 3]) hear('b', number);
  hear('a', 10);
  expect(missed).toEqual([]);
});

test('a number that is missing tells of a break since the last sign of that chat-service', () => {
  const { missed, hear } = open();
  hear('a', 7);
  hear('b', 1);
  hear('b', 2);
  hear('a', 9);
  expect(missed).toEqual([3_000]);
  hear('a', 10);
  expect(missed).toHaveLength(1);
});

test('a sign that comes twice, or late, tells of none', () => {
  const { missed, hear } = open();
  for (const number of [7, 7, 6, 8, 9, 8, 10]) hear('a', number);
  expect(missed).toEqual([]);
});

test('silence of all tells of one, with names that are new and without numbers', () => {
  const { clock, missed, hear } = open();
  clock.advance(9_000);
  hear('a', 7);
  clock.advance(3_000);
  hear('b', 1);
  expect(missed).toEqual([4_000]);
  hear('old');
  clock.advance(9_000);
  hear('old');
  expect(missed).toEqual([4_000, 10_000]);
});

test('what is known already is not told', () => {
  const { clock, signs, missed, hear } = open();
  hear('a', 7);
  clock.advance(9_000);
  signs.restart();
  hear('a', 17);
  expect(missed).toEqual([]);
});

import { expect, test } from 'vitest';
import { shuffled } from './random.ts';

const numbers = Array.from({ length: 50 }, (_, i) => i);

test('a shuffle keeps every item and leaves the list as it was', () => {
  const items = [...numbers];
  const mixed = shuffled(Math.random, items);
  expect(items).toEqual(numbers);
  expect(mixed.toSorted((a, b) => a - b)).toEqual(numbers);
});

test('a shuffle gives every order', () => {
  const orders = Array.from({ length: 600 }, () => shuffled(Math.random, ['a', 'b', 'c']).join(''));
  expect([...new Set(orders)].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
});

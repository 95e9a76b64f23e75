import { expect, test } from 'vitest';
import { countInSlices } from './slices.ts';

test('counts what lies in each slice, empty ones too', () => {
  expect(countInSlices([1_000, 1_099, 1_100, 1_350], 1_000, 100)).toEqual([2, 1, 0, 1]);
});

test('of nothing there is one empty slice', () => {
  expect(countInSlices([], 1_000, 100)).toEqual([0]);
});

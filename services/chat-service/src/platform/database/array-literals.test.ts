import { expect, test } from 'vitest';
import { elementsOf, plainArray, sparseArray, textArray } from './array-literals.ts';

test('plain values and absent ones', () => {
  expect(plainArray([1, undefined, true, null, 'a-b'])).toBe('{1,NULL,true,NULL,a-b}');
  expect(plainArray([])).toBe('{}');
});

test('texts are quoted, so that nothing in them means anything', () => {
  expect(textArray(['a', '', 'NULL', 'x,{y}', 'say "hi"', 'back\\slash'])).toBe(
    '{"a","","NULL","x,{y}","say \\"hi\\"","back\\\\slash"}',
  );
});

test('a sparse array is absent when all its values are', () => {
  expect(sparseArray([undefined, false, null])).toBeNull();
  expect(sparseArray([])).toBeNull();
  expect(sparseArray([undefined, 0])).toBe('{NULL,0}');
  expect(sparseArray([false, true])).toBe('{false,true}');
});

test('an array that came back is split again', () => {
  expect(elementsOf('{1,NULL,stored}')).toEqual(['1', 'NULL', 'stored']);
  expect(elementsOf('{}')).toEqual([]);
  expect(elementsOf(null)).toEqual([]);
});

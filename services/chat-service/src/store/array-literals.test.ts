import { expect, test } from 'vitest';
import { plainArray, splitArray, textArray } from './array-literals.ts';

test('plain values and absent ones', () => {
  expect(plainArray([1, undefined, true, null, 'a-b'])).toBe('{1,NULL,true,NULL,a-b}');
  expect(plainArray([])).toBe('{}');
});

test('texts are quoted, so that nothing in them means anything', () => {
  expect(textArray(['a', '', 'NULL', 'x,{y}', 'say "hi"', 'back\\slash'])).toBe(
    '{"a","","NULL","x,{y}","say \\"hi\\"","back\\\\slash"}',
  );
});

test('an array that came back is split again', () => {
  expect(splitArray('{1,NULL,stored}')).toEqual(['1', null, 'stored']);
  expect(splitArray('{}')).toEqual([]);
});

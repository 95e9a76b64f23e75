import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('all scenarios have 20 seeds, quick ones fewer, unless told otherwise', () => {
  expect(parseOptions([])).toMatchObject({ scenarios: [], seeds: 20, from: 1, parallel: 1 });
  expect(parseOptions(['--quick'])).toMatchObject({ seeds: 2 });
  expect(parseOptions(['--scenario', 'a,b', '--seeds', '3', '--from', '7'])).toMatchObject({
    scenarios: ['a', 'b'],
    seeds: 3,
    from: 7,
  });
  expect(parseOptions(['--parallel', '4'])).toMatchObject({ parallel: 4 });
});

test('what makes no sense is named', () => {
  expect(() => parseOptions(['--seeds', '0'])).toThrow('--seeds');
  expect(() => parseOptions(['--parallel', '0'])).toThrow('--parallel');
  expect(() => parseOptions(['--from', 'x'])).toThrow('--from');
  expect(() => parseOptions(['--sedes', '1'])).toThrow('--sedes');
});

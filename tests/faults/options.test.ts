import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('all scenarios have 20 seeds, quick ones fewer, unless told otherwise', () => {
  expect(parseOptions([])).toMatchObject({ scenarios: [], seeds: 20, from: 1 });
  expect(parseOptions(['--quick'])).toMatchObject({ seeds: 2 });
  expect(parseOptions(['--scenario', 'a,b', '--seeds', '3', '--from', '7'])).toMatchObject({
    scenarios: ['a', 'b'],
    seeds: 3,
    from: 7,
  });
});

test('what makes no sense is named', () => {
  expect(() => parseOptions(['--seeds', '0'])).toThrow('--seeds');
  expect(() => parseOptions(['--from', 'x'])).toThrow('--from');
  expect(() => parseOptions(['--sedes', '1'])).toThrow('--sedes');
});

import { expect, test } from 'vitest';
import { CLUSTER, FAULTS, parseOptions } from './options.ts';

test('all scenarios have 20 seeds, quick ones fewer, unless told otherwise', () => {
  expect(parseOptions([], FAULTS)).toMatchObject({ scenarios: [], seeds: 20, from: 1, parallel: 1 });
  expect(parseOptions(['--quick'], FAULTS)).toMatchObject({ seeds: 2 });
  expect(parseOptions(['--scenario', 'a,b', '--seeds', '3', '--from', '7'], FAULTS)).toMatchObject({
    scenarios: ['a', 'b'],
    seeds: 3,
    from: 7,
  });
  expect(parseOptions(['--parallel', '4'], FAULTS)).toMatchObject({ parallel: 4 });
});

test('what makes no sense is named', () => {
  expect(() => parseOptions(['--seeds', '0'], FAULTS)).toThrow('--seeds');
  expect(() => parseOptions(['--parallel', '0'], FAULTS)).toThrow('--parallel');
  expect(() => parseOptions(['--from', 'x'], FAULTS)).toThrow('--from');
  expect(() => parseOptions(['--sedes', '1'], FAULTS)).toThrow('--sedes');
});

test('those of the cluster are called faults, and have 10 seeds', () => {
  expect(parseOptions(['--fault', 'a'], CLUSTER)).toMatchObject({ scenarios: ['a'], seeds: 10 });
});

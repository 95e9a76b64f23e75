import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('a search has its seeds, and mutants fewer of them', () => {
  expect(parseOptions(['--workers', '2'])).toEqual({ kind: 'search', from: 1, seeds: 20_000, workers: 2 });
  expect(parseOptions(['--workers', '2', '--mutants'])).toMatchObject({ kind: 'mutants', seeds: 1_000 });
  expect(parseOptions(['--seeds', '7', '--from', '3'])).toMatchObject({ kind: 'search', from: 3, seeds: 7 });
});

test('one seed may be traced, a search may not', () => {
  expect(parseOptions(['--seed', '5', '--trace'])).toEqual({ kind: 'one', seed: 5, trace: true });
  expect(() => parseOptions(['--trace'])).toThrow('--seed');
});

test('what makes no sense is named', () => {
  expect(() => parseOptions(['--seeds', '0'])).toThrow('--seeds');
  expect(() => parseOptions(['--from', '1.5'])).toThrow('--from');
  expect(() => parseOptions(['--sedes', '1'])).toThrow('--sedes');
});

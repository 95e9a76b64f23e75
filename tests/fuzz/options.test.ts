import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('a million inputs are shared out among the groups', () => {
  expect(parseOptions([])).toEqual({
    inputs: new Map([
      ['decoders', 700_000],
      ['http', 60_000],
      ['frames', 240_000],
    ]),
    seed: 1,
  });
});

test('groups may be chosen, and share what there is', () => {
  expect(parseOptions(['--only', 'http,frames', '--inputs', '100', '--seed', '7'])).toEqual({
    inputs: new Map([
      ['http', 20],
      ['frames', 80],
    ]),
    seed: 7,
  });
  expect(parseOptions(['--help'])).toBe('help');
});

test.each([[['--only', 'dogs']], [['--inputs', '0']], [['--inputs', 'many']], [['--seed', '-1']], [['--loud']]])(
  '%j makes no sense',
  (args) => {
    expect(() => parseOptions(args)).toThrow(/--/);
  },
);

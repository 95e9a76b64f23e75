import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('a file alone: a product of its own, three observers, no chaos', () => {
  expect(parseOptions(['a.jsonl'])).toMatchObject({
    file: 'a.jsonl',
    limit: Number.POSITIVE_INFINITY,
    speed: undefined,
    observers: 3,
    chaosRounds: 0,
    target: { kind: 'start' },
  });
});

test('chaos is one round unless said otherwise', () => {
  expect(parseOptions(['a', '--chaos'])).toMatchObject({ chaosRounds: 1 });
  expect(parseOptions(['a', '--chaos-rounds', '3'])).toMatchObject({ chaosRounds: 3 });
});

test('a running product is named by its line or by its addresses', () => {
  expect(parseOptions(['a', '--installation', '-'])).toMatchObject({ target: { kind: 'json', source: '-' } });
  const flags = ['--url', 'http://h', '--gateway', 'ws://h/1', '--gateway', 'ws://h/2', '--api-key', 'k'];
  expect(parseOptions(['a', ...flags])).toMatchObject({
    target: { kind: 'urls', api: 'http://h', gateways: ['ws://h/1', 'ws://h/2'], apiKey: 'k' },
  });
});

test.each([
  ['no file', []],
  ['two files', ['a', 'b']],
  ['an unknown flag', ['a', '--fast']],
  ['a limit that is no number', ['a', '--limit', 'x']],
  ['no observers', ['a', '--observers', '0']],
  ['a speed of nought', ['a', '--speed', '0']],
  ['a key without an address', ['a', '--api-key', 'k']],
  ['an address without a key', ['a', '--url', 'http://h', '--gateway', 'ws://h']],
])('%s is refused', (_what, args) => {
  expect(() => parseOptions(args)).toThrow(/needed|Unknown|must be|go with|needs/);
});

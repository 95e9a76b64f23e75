import { expect, test } from 'vitest';
import { parseStartArgs } from './args.ts';

test('without flags: two gateways, one chat-service, limits for load tests, a table for people', () => {
  expect(parseStartArgs([])).toEqual({ json: false, gateways: 2, chatServices: 1, limits: 'load', help: false });
});

test('every flag is taken', () => {
  const args = ['--json', '--gateways', '4', '--chat-services=3', '--limits', 'production'];
  expect(parseStartArgs(args)).toEqual({ json: true, gateways: 4, chatServices: 3, limits: 'production', help: false });
});

test.each([
  [['--gateways', '0'], '--gateways takes a number'],
  [['--gateways', 'many'], '--gateways takes a number'],
  [['--chat-services', '1.5'], '--chat-services takes a number'],
  [['--limits', 'none'], '--limits takes'],
  [['--color'], "Unknown option '--color'"],
])('%j is refused', (args, message) => {
  expect(() => parseStartArgs(args)).toThrow(message);
});

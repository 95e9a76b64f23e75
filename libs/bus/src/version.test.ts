import { NATS } from '@messagecore/dev-servers';
import { expect, test } from 'vitest';
import { MINIMUM_NATS, warningOf } from './version.ts';

test.each([
  ['2.9.10', true],
  ['2.10.9', true],
  [MINIMUM_NATS, false],
  ['2.12.0-RC.1', false],
  ['2.15.2', false],
  ['3.0.0', false],
  ['simulated', false],
])('of NATS %s a warning is due: %s', (version, due) => {
  expect(warningOf(version) !== undefined).toBe(due);
});

test('the servers that tests and `npm start` look for are held to the same minimum', () => {
  expect(NATS.minimum).toBe(MINIMUM_NATS);
});

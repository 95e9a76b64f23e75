import { expect, test } from 'vitest';
import { isOlder } from './version.ts';

test.each([
  ['2.9.10', '2.12.15', true],
  ['2.12.2', '2.12.15', true],
  ['2.12.15', '2.12.15', false],
  ['2.15.0', '2.12.15', false],
  ['3.0.0', '2.12.15', false],
  ['7.0.15', '7', false],
])('%s is older than %s: %s', (version, minimum, older) => {
  expect(isOlder(version, minimum)).toBe(older);
});

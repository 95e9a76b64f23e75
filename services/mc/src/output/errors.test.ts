import { expect, test } from 'vitest';
import { isFromServer } from './errors.ts';

const withCode = (code: string) => Object.assign(new Error('no'), { code });

test('what PostgreSQL says is told from what happens on the way to it', () => {
  for (const code of ['42501', '57P01', 'XX000', 'P0001']) expect(isFromServer(withCode(code)), code).toBe(true);
  expect(isFromServer(new Error('a query failed', { cause: withCode('42P01') }))).toBe(true);
  for (const code of ['EPIPE', 'EPERM', 'ECONNREFUSED', 'CONNECTION_CLOSED'])
    expect(isFromServer(withCode(code)), code).toBe(false);
  expect(isFromServer('no')).toBe(false);
});

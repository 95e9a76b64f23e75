import { ChatError } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { asChatError } from './failures.ts';

const failed = (code: string) => Object.assign(new Error('password=hunter2'), { code });

test.each([
  'ECONNREFUSED',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
  'CONNECTION_CLOSED',
  '08006',
  '57P01',
  '57014',
  '53300',
  '40001',
  '40P01',
  '25006',
  '25P02',
  '25P03',
  '25P04',
  '55P03',
])('%s passes by itself', (code) => {
  expect(asChatError(failed(code)).code).toBe('unavailable');
  expect(asChatError(new Error('Failed query', { cause: failed(code) })).code).toBe('unavailable');
});

test.each(['23505', '42601', '22P02', 'ERR_INVALID_ARG_TYPE'])('%s is a fault', (code) => {
  expect(asChatError(failed(code)).code).toBe('internal');
});

test('the words of an error stay inside', () => {
  for (const error of [failed('23505'), failed('ECONNREFUSED'), 'a string', undefined]) {
    expect(asChatError(error).message).not.toContain('hunter2');
  }
  const known = new ChatError('muted');
  expect(asChatError(known)).toBe(known);
});

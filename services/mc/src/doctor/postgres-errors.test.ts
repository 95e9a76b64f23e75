import { expect, test } from 'vitest';
import { unopened } from './postgres-errors.ts';

const URL = 'postgres://chat:secret@10.0.0.4:5432/messagecore';
const idOf = (code: string) => unopened(Object.assign(new Error('no'), { code }), URL).id;

test('a server that answers is not called unreachable, whatever it answers', () => {
  expect(idOf('28P01')).toBe('postgres-password');
  expect(idOf('28000')).toBe('postgres-access');
  expect(idOf('42501')).toBe('not-examined');
  expect(idOf('XX000')).toBe('not-examined');
});

test('one that does not is', () => {
  for (const code of ['ECONNREFUSED', 'EPIPE', 'CONNECT_TIMEOUT', '08006'])
    expect(idOf(code), code).toBe('postgres-unreachable');
});

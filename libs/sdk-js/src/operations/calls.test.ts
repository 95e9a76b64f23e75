import { expect, test } from 'vitest';
import { segment } from '../addresses.ts';
import type { UpFrameOf } from '../wire.ts';
import { callOf, restOf } from './calls.ts';

const call = (op: string, more: Partial<UpFrameOf<'call'>>) => restOf({ t: 'call', op, ref: '1', ...more }, segment);

test.each([
  ['what the path names', 'devices.revoke', { args: { clientId: 'a/b' } }, 'DELETE', '/v1/devices/a%2Fb', {}],
  [
    'the lane',
    'conversations.read',
    { cid: 'c', args: { pos: 3 } },
    'PUT',
    '/v1/conversations/c/read',
    { body: { pos: 3 } },
  ],
  ['a query', 'users.list', { args: { q: 'ä', limit: 2 } }, 'GET', '/v1/users', { query: { q: 'ä', limit: 2 } }],
  ['nothing', 'users.me', {}, 'GET', '/v1/users/me', { query: {} }],
  [
    'a header',
    'conversations.create',
    { args: { kind: 'group', idempotencyKey: 'k' } },
    'POST',
    '/v1/conversations',
    { headers: { 'idempotency-key': 'k' }, body: { kind: 'group' } },
  ],
])('over REST a call puts %s where it belongs', (_, op, frame, method, path, request) => {
  expect(call(op, frame)).toEqual({ method, path, request: { headers: {}, ...request } });
});

test('what HTTP may repeat may be repeated, and so may what has a key', () => {
  const again = (op: string, args = {}) => callOf(op, args)?.again;
  expect(['devices.list', 'devices.revoke', 'conversations.read'].map((op) => again(op))).toEqual([true, true, true]);
  expect(['messages.edit', 'messages.forward'].map((op) => again(op))).toEqual([true, true]);
  expect(['participants.join', 'conversations.update'].map((op) => again(op))).toEqual([false, false]);
  expect([again('conversations.create'), again('conversations.create', { idempotencyKey: 'k' })]).toEqual([
    false,
    true,
  ]);
});

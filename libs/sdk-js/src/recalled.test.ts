import { expect, test } from 'vitest';
import { expiredAt, recalled } from './recalled.ts';
import type { Message } from './wire.ts';

const PLACE = { cid: 'c', seq: 3, mid: 'm', from: 'ann', at: 1, kind: 'text', replyTo: 2, rev: 4 };
const MESSAGE: Message = {
  ...{ ...PLACE, body: { text: 'secret <@bob>' }, edited: true, pinned: true, reactions: { '👍': 1 } },
  ...{ mentions: { users: ['bob'] }, poll: { counts: { a: 1 }, voters: 1 } },
  previews: [{ url: 'https://a.example', title: 'secret' }],
};

test('a recalled message has nothing of what it said, and of what came of it', () => {
  expect(recalled(MESSAGE)).toEqual({ ...PLACE, edited: true, body: {}, recalled: true });
});

test('[EXPR-4] a message is hidden from its time on, and is itself before, and once it is known to have expired', () => {
  const message = { ...MESSAGE, expiresAt: 100 };
  expect(expiredAt(message, 99)).toBe(message);
  const expired = { ...PLACE, edited: true, body: {}, recalled: true, expired: true, expiresAt: 100 };
  expect(expiredAt(message, 100)).toEqual(expired);
  expect(expiredAt({ ...PLACE, body: {}, recalled: true, expiresAt: 100 }, 100)).toMatchObject({ expired: true });
  const known: Message = { ...expired, rev: 5 };
  expect(expiredAt(known, 200)).toBe(known);
  expect(expiredAt(MESSAGE, Number.MAX_SAFE_INTEGER)).toBe(MESSAGE);
});

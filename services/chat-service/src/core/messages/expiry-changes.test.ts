import { describe, expect, test } from 'vitest';
import { asShown, expired, type ExpiringMessage } from './expiry-changes.ts';

const message: ExpiringMessage = {
  ...{ body: '{"text":"secret"}', recalled: false, reactions: '{"👍":1}', pinned: true },
  ...{ poll: '{"counts":{"a":1},"voters":1}', previews: '[{"url":"https://example.org/","title":"secret"}]' },
  ...{ mentions: '{"users":[]}', expiresAt: 2_000, isOver: true, expired: false },
};
const gone: ExpiringMessage = {
  ...{ body: '{}', recalled: true, reactions: null, pinned: false, poll: null, previews: null, mentions: null },
  ...{ expiresAt: 2_000, isOver: true, expired: true },
};

describe('[EXPR-2] a message whose time is over', () => {
  test('is recalled, once', () => {
    expect(expired(message)).toEqual(gone);
    expect(expired(gone)).toBeUndefined();
  });

  test('is marked also when it was recalled before', () => {
    expect(expired({ ...gone, expired: false })).toEqual(gone);
  });

  test('stays until then, and where it has no time', () => {
    expect(expired({ ...message, isOver: false })).toBeUndefined();
    expect(expired({ ...message, isOver: false, expiresAt: null })).toBeUndefined();
  });
});

test('[EXPR-3] is shown as expired before it is', () => {
  expect(asShown(message)).toEqual(gone);
  expect(asShown(gone)).toEqual(gone);
  const early = { ...message, isOver: false };
  expect(asShown(early)).toBe(early);
});

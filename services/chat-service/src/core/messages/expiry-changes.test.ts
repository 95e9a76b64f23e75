import { describe, expect, test } from 'vitest';
import { asShown, expired, type ExpiringMessage, readByAll } from './expiry-changes.ts';

const message: ExpiringMessage = {
  ...{ body: '{"text":"secret"}', recalled: false, reactions: '{"👍":1}', pinned: true },
  ...{ poll: '{"counts":{"a":1},"voters":1}', previews: '[{"url":"https://example.org/","title":"secret"}]' },
  ...{ mentions: '{"users":[]}', expiresAt: 2_000, isOver: true, expired: false },
  ...{ expiresAfterRead: null, isReadByAll: false },
};
const gone: ExpiringMessage = {
  ...{ body: '{}', recalled: true, reactions: null, pinned: false, poll: null, previews: null, mentions: null },
  ...{ expiresAt: 2_000, isOver: true, expired: true },
  ...{ expiresAfterRead: null, isReadByAll: false },
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

describe('[EXPR-8] the time of a message that everybody else has read', () => {
  const unread = { ...message, isOver: false, expiresAt: null, expiresAfterRead: 5 };

  test('begins then, once', () => {
    const read = readByAll(unread, 1_000);
    expect(read).toEqual({ ...unread, isReadByAll: true, expiresAt: 6_000 });
    expect(readByAll(read!, 2_000)).toBeUndefined();
  });

  test('[EXPR-7] ends no later than the message expires unread', () => {
    expect(readByAll({ ...unread, expiresAt: 4_000 }, 1_000)).toMatchObject({ isReadByAll: true, expiresAt: 4_000 });
    expect(readByAll({ ...unread, expiresAt: 7_000 }, 1_000)).toMatchObject({ isReadByAll: true, expiresAt: 6_000 });
  });

  test('does not begin where there is none, or nothing of the message any more', () => {
    expect(readByAll({ ...unread, expiresAfterRead: null }, 1_000)).toBeUndefined();
    expect(readByAll({ ...unread, expiresAt: 500, isOver: true }, 1_000)).toBeUndefined();
    expect(readByAll({ ...gone, expiresAfterRead: 5 }, 1_000)).toBeUndefined();
  });
});

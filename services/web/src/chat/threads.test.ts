import type { Message } from '@messagecore/protocol';
import { describe, expect, test } from 'vitest';
import { type Known, NO_THREADS, type Thread, threadsOf, withListed, withThreadState } from './threads.ts';
import { EMPTY, merge } from './timeline.ts';

const message = (seq: number, from: string, threadRoot?: number, more: Partial<Message> = {}): Message => ({
  ...{ cid: 'room', seq, mid: `mid ${seq}`, from, at: seq * 1_000, kind: 'text', body: { text: 'x' }, rev: 0 },
  ...(threadRoot !== undefined && { threadRoot }),
  ...more,
});

const told = (seq: number, more: Partial<Thread> = {}): Thread => ({
  ...{ seq, replies: 3, lastSeq: 13, lastAt: 13_000, following: true, readUpTo: 13, unread: 0 },
  ...more,
});

function known(listed: readonly Thread[], ...messages: Message[]): Known {
  const timeline = { ...merge(EMPTY, messages), loaded: true };
  return { timeline, threads: withListed(NO_THREADS, listed, 1) };
}

const rootOf = (state: Known, seq = 10) => threadsOf(state, 'me').get(seq);

describe('[THRD-1] replies are counted by the messages that arrive', () => {
  test('on from what was told, and none of them twice', () => {
    const state = known([told(10)], message(10, 'ann'), message(13, 'ann', 10), message(14, 'ann', 10));
    expect(rootOf(state)).toEqual(told(10, { replies: 4, lastSeq: 14, lastAt: 14_000, unread: 1 }));
  });

  test('from nothing where a thread begins', () => {
    const state = known([], message(10, 'ann'), message(11, 'ben', 10), message(12, 'ann', 10));
    expect(rootOf(state)).toMatchObject({ replies: 2, lastSeq: 12, following: false, unread: 0 });
  });

  test('a thread that may have more replies than are held is not shown before it is listed', () => {
    const timeline = merge(EMPTY, [message(10, 'ann'), message(14, 'ann', 10)]);
    expect(threadsOf({ timeline, threads: NO_THREADS }, 'me').has(10)).toBe(false);
  });
});

describe('[THRD-3] who follows a thread', () => {
  test('whoever wrote the root, and the first reply is unread', () => {
    expect(rootOf(known([], message(10, 'me'), message(11, 'ben', 10)))).toMatchObject({ following: true, unread: 1 });
  });

  test('whoever replies, and has read it up to there', () => {
    const state = known([told(10, { following: false })], message(14, 'ann', 10), message(15, 'me', 10));
    expect(rootOf(state)).toMatchObject({ replies: 5, following: true, readUpTo: 15, unread: 0 });
  });

  test('until it is followed no more, which only another reply changes', () => {
    const before = known([told(10)], message(14, 'me', 10), message(15, 'ann', 10));
    const threads = withThreadState(before, { seq: 10, following: false, readUpTo: 14 }, 'me');
    expect(rootOf({ ...before, threads })).toMatchObject({ replies: 5, following: false, unread: 0 });
    const after = merge(before.timeline, [message(16, 'ann', 10), message(17, 'me', 10)]);
    expect(rootOf({ timeline: after, threads })).toMatchObject({ replies: 7, following: true, unread: 0 });
  });
});

describe('[THRD-4] what is unread', () => {
  test('ends with what was read, here or elsewhere, and begins again behind it', () => {
    const before = known([told(10, { readUpTo: 11, unread: 2 })], message(14, 'ann', 10));
    expect(rootOf(before)?.unread).toBe(3);
    const threads = withThreadState(before, { seq: 10, following: true, readUpTo: 14 }, 'me');
    expect(rootOf({ ...before, threads })).toMatchObject({ unread: 0, readUpTo: 14, replies: 4 });
    const after = merge(before.timeline, [message(15, 'ann', 10)]);
    expect(rootOf({ timeline: after, threads })?.unread).toBe(1);
  });

  test('does not hold what was recalled, which counts all the same', () => {
    const state = known([told(10)], message(14, 'ann', 10, { recalled: true }));
    expect(rootOf(state)).toMatchObject({ replies: 4, unread: 0 });
  });
});

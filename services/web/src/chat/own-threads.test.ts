import type { Page, Thread } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import { ownThreads, type ReadOwnThreads } from './own-threads.ts';

const thread = (seq: number, unread: number): Thread => ({
  ...{ cid: 'room', seq, replies: 1, members: 1, latest: [], lastSeq: seq + 1, lastAt: 0 },
  ...{ following: true, readUpTo: 0, unread },
});

test('[THRD-5] threads with unread replies come first, each once, page by page', async () => {
  const all = [thread(1, 0), thread(2, 1), thread(3, 0), thread(4, 2), thread(5, 1)];
  // A server with pages of two.
  const read: ReadOwnThreads = ({ unread, cursor = '0' }) => {
    const from = Number(cursor);
    const listed = unread ? all.filter((each) => each.unread > 0) : all;
    return Promise.resolve({
      items: listed.slice(from, from + 2),
      next: from + 2 < listed.length ? String(from + 2) : null,
    });
  };
  const pages: number[][] = [];
  for (let cursor: string | undefined; ;) {
    const { items, next }: Page<Thread> = await ownThreads(read, cursor);
    pages.push(items.map(({ seq }) => seq));
    if (next === null) break;
    cursor = next;
  }
  expect(pages).toEqual([[2, 4], [5, 1], [3], []]);
});

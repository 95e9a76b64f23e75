import { deferred } from '@messagecore/kernel';
import { expect, test, vi } from 'vitest';
import { messageIn, NEVER, pageOf } from '../test/fake-client.ts';

/** Replies 2 to 121 in the thread of message 1, in pages as they are asked for. */
function replies({ before = Infinity, limit }: { readonly before?: number; readonly limit?: number }) {
  const all = Array.from({ length: 120 }, (_, index) => messageIn('room', index + 2, { threadRoot: 1 }));
  const earlier = all.filter(({ seq }) => seq < before);
  return { items: earlier.slice(-(limit ?? 50)), more: earlier.length > (limit ?? 50) };
}

const THREAD = {
  ...{ cid: 'room', seq: 1, replies: 120, lastSeq: 121, lastAt: 0, participants: [], unread: 0, readUpTo: 121 },
  following: false,
};

test('a late answer for a conversation that one has left opens no thread, and closes none', async () => {
  const { client, chat } = await pageOf('room', 'other');
  const late = deferred<object>();
  client.answer = (operation, { cid }) => (operation === 'messages.list' && cid === 'room' ? late.promise : NEVER);
  chat.open('room');
  const showing = chat.history.showMessage('room', 5);
  await chat.openThread('other', 3);
  late.resolve({ items: [messageIn('room', 5, { threadRoot: 1 })] });
  await showing;
  expect(chat.snapshot().thread).toMatchObject({ cid: 'other', seq: 3 });
});

test('a reply that is some pages back is aimed at once it is held', async () => {
  const { client, chat } = await pageOf('room');
  client.answer = (operation, args) => {
    if (operation === 'threads.get') return THREAD;
    if (operation === 'threads.messages') return replies(args);
    if (operation === 'messages.list') return { items: [messageIn('room', 1)] };
    return NEVER;
  };
  chat.open('room');
  chat.threads.show('room', 1, 4);
  const aims = new Set([chat.snapshot().thread?.aim]);
  await vi.waitFor(() => {
    const { thread } = chat.snapshot();
    expect(thread?.timeline.messages[0]?.seq).toBe(2);
    expect(thread?.aim).toEqual({ seq: 4 });
    // Another object: it is brought into view again.
    expect(aims).not.toContain(thread?.aim);
  });
});

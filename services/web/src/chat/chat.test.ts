import type { Client } from '@messagecore/sdk';
import { expect, test, vi } from 'vitest';
import { Chat } from './chat.ts';
import { INFO } from './test/held.ts';

/** A client of which no page of history comes, and what was asked of it. */
function clientWithoutHistory() {
  const reads: number[] = [];
  const calls: (readonly [name: string, args: unknown])[] = [];
  const settings = { markedUnread: true };
  const unreachable = () => Promise.reject(new Error('unreachable'));
  const client = {
    ...{ state: { phase: 'online' }, unsent: 0, join: () => {}, watch: () => {}, on: () => () => {} },
    rest: { request: unreachable },
    conversation: () => ({ history: unreachable, read: (pos: number) => reads.push(pos) }),
    call: (name: string, args: object) => {
      calls.push([name, args]);
      if (name === 'conversations.get') return Promise.resolve({ ...INFO, head: 9, settings });
      return Promise.resolve({ ...settings, ...args });
    },
  };
  return { client: client as unknown as Client, calls, reads };
}

test('[SET-5] a conversation that is opened is marked as unread no more, and counts as read only once it is seen', async () => {
  const { client, calls, reads } = clientWithoutHistory();
  const chat = new Chat(client, 'me');
  await chat.openNew('room');
  await vi.waitUntil(() => chat.snapshot().conversations.get('room')?.info.settings?.markedUnread === false);
  expect(calls).toContainEqual(['settings.update', { cid: 'room', markedUnread: false }]);
  expect([reads, chat.snapshot().conversations.get('room')?.reads.get('me')]).toEqual([[], 0]);
  chat.open(undefined);
});

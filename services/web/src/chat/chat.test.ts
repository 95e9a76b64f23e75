import type { ConversationSettings } from '@messagecore/sdk';
import { expect, test } from 'vitest';
import { conversationInfo, NEVER, pageOf } from '../test/fake-client.ts';

test('[SET-5] a conversation that was marked as unread is not read when it is opened, but when it is seen', async () => {
  const { client, chat } = await pageOf();
  const settings = { markedUnread: true } as ConversationSettings;
  client.conversationsListed.push(conversationInfo('room', { settings }));
  await chat.refresh();
  const asked: unknown[] = [];
  client.answer = (operation, args) => {
    if (operation !== 'settings.update') return NEVER;
    asked.push(args);
    return { ...settings, markedUnread: false };
  };
  chat.open('room');
  await Promise.resolve();
  expect(asked).toEqual([{ cid: 'room', markedUnread: false }]);
  expect(client.reads).toEqual([]);
  chat.seen('room');
  expect(client.reads).toEqual([['room', 9]]);
});

test('[SET-4] an answer that was asked for before a change of settings does not undo it, and a change is shown with its answer', async () => {
  const { client, chat } = await pageOf('room');
  const before = { pinned: false } as ConversationSettings;
  const answered = Promise.withResolvers<Awaited<ReturnType<typeof client.conversations>>>();
  client.conversations = () => answered.promise;
  const listing = chat.refresh();
  client.answer = () => ({ ...before, pinned: true });
  const isPinned = () => chat.snapshot().conversations.get('room')?.info.settings?.pinned;
  const shown: unknown[] = [];
  const off = chat.subscribe(() => shown.push(isPinned()));
  await chat.changeSettings('room', { pinned: true });
  expect(shown).toEqual([true]);
  answered.resolve({ items: [conversationInfo('room', { settings: before, topic: 'Books' })], next: null });
  await listing;
  expect(isPinned()).toBe(true);
  expect(chat.snapshot().conversations.get('room')?.info.topic).toBe('Books');
  client.conversations = async () => ({ items: [conversationInfo('room', { settings: before })], next: null });
  await chat.refresh();
  expect(isPinned()).toBe(false);
  off();
});

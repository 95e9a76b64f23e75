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

import { expect, test } from 'vitest';
import { conversationInfo, pageOf } from '../test/fake-client.ts';

test('beyond the bound those are dropped who were shown the longest ago, but no peers of the list', async () => {
  const { client, chat } = await pageOf();
  client.conversationsListed.push(conversationInfo('dm', { kind: 'dm', peer: 'peer' }));
  await chat.refresh();
  const users = Array.from({ length: 500 }, (_, index) => `user ${index}`);
  chat.presence.watch(users.slice(0, 200));
  for (const user of ['peer', 'user 0', 'user 199']) client.emit('presence', { user, state: 'online' });
  chat.presence.watch(users.slice(200));
  expect([...client.watched].sort()).toEqual(['peer', ...users.slice(101)].sort());
  const { presence } = chat.snapshot();
  expect([...presence.keys()]).toEqual(['peer', 'user 199']);
  client.emit('presence', { user: 'user 0', state: 'online' });
  expect(chat.snapshot().presence.has('user 0')).toBe(false);
});

test('[PRES-5] a stream, which watches the last ones alone, is told again of who is shown and of the list', async () => {
  const { client, chat } = await pageOf();
  client.conversationsListed.push(conversationInfo('dm', { kind: 'dm', peer: 'peer' }));
  await chat.refresh();
  client.emit('state', { phase: 'online', transport: 'sse', url: 'http://gateway' });
  chat.presence.watch(['ann', 'bob']);
  chat.presence.watch(['cyd']);
  chat.presence.watch(['ann']);
  expect([...client.watched]).toEqual(['bob', 'cyd', 'ann', 'peer']);
});

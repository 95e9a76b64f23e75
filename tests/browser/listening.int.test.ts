/** A channel that is open to listeners: who does not take part reads along, and may come in. */
import type { Conversation } from '@messagecore/protocol/features';
import { must } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import type { ChatPage } from './chat-page.ts';
import { createPeople } from './people.ts';
import { converse, speak } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const asBob = <T>(method: string, path: string, body: object) => {
  const { api, apiKey } = running.product.state();
  const headers = { 'x-api-key': apiKey, 'x-on-behalf-of': 'ext:bob' };
  return must<T>(method, `${api}/v1${path}`, { headers, body });
};

async function openChannel(name: string): Promise<string> {
  // Both are users from then on.
  await converse(running.product, 'Staff', [['bob', 'Ready?']]);
  const { cid } = await asBob<Conversation>('POST', '/conversations', {
    ...{ kind: 'public', name, participants: [] },
  });
  await asBob('PATCH', `/conversations/${cid}`, { openToListeners: true });
  return cid;
}

async function listen({ page }: ChatPage, texts: { readonly new: string; readonly channels: string; listen: string }) {
  await page.getByRole('button', { name: texts.new }).click();
  await page.getByRole('tab', { name: texts.channels }).click();
  await page.getByRole('button', { name: texts.listen }).click();
}

test('[LSN-1] [LSN-2] [LSN-3] [LSN-4] one reads along, and joins', async () => {
  const cid = await openChannel('Town hall');
  await speak(running.product, cid, [['bob', 'We begin at nine']]);
  const alice = await visitAs('alice');
  const texts = { new: 'New conversation', channels: 'Channels', listen: 'Read along in Town hall' };
  await listen(alice, texts);
  await alice.shows('We begin at nine');
  await speak(running.product, cid, [['bob', 'Welcome to all']]);
  await alice.shows('Welcome to all');
  const { page } = alice;
  await page.getByText('You read along without taking part.').waitFor();
  expect(await page.getByRole('main').getByRole('textbox').count()).toBe(0);
  expect(await page.getByText('New messages').count()).toBe(0);
  const welcome = page.getByRole('article').filter({ hasText: 'Welcome to all' });
  await welcome.hover();
  await page.getByRole('group', { name: 'What to do with this message' }).waitFor();
  expect(await welcome.getByRole('button', { name: 'React with' }).count()).toBe(0);

  await asBob('PATCH', `/conversations/${cid}`, { openToListeners: false });
  await page.getByText('You read along without taking part.').waitFor({ state: 'detached' });
  await asBob('PATCH', `/conversations/${cid}`, { openToListeners: true });
  await listen(alice, texts);
  await alice.shows('Welcome to all');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('You read along without taking part.').waitFor({ state: 'detached' });

  await listen(alice, texts);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await alice.say('I am in');
  const bob = await visitAs('bob');
  await bob.openConversation('Town hall');
  await bob.shows('I am in');
});

test('reading along fits on a phone, in Chinese', async () => {
  const cid = await openChannel('大会');
  await speak(running.product, cid, [['bob', '九点开始']]);
  const alice = await visitAs('alice', { locale: 'zh-CN', viewport: { width: 360, height: 740 } });
  await listen(alice, { new: '新建会话', channels: '频道', listen: '旁听 大会' });
  await alice.shows('九点开始');
  const bar = alice.page.getByRole('region', { name: '正在旁听' });
  await bar.waitFor();
  expect(await bar.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
});

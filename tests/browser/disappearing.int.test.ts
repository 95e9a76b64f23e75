/** Messages that disappear: chosen before they are sent, and said on them. */
import { waitUntil } from '@messagecore/dev-servers';
import { must } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import type { ChatPage } from './chat-page.ts';
import { createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const article = ({ page }: ChatPage, text: string) => page.getByRole('article').filter({ hasText: text });
const chip = ({ page }: ChatPage) => page.locator('.composer .disappearing');

async function choose({ page }: ChatPage, when: string): Promise<void> {
  await page.getByLabel('Send something else').click();
  await page.getByRole('button', { name: 'Let it disappear' }).click();
  const dialog = page.getByRole('dialog', { name: 'Let it disappear' });
  await dialog.getByLabel('When the message disappears').selectOption({ label: when });
  await dialog.getByRole('button', { name: 'Done' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
}

async function messagesOf(cid: string) {
  const { api, apiKey } = running.product.state();
  const headers = { 'x-api-key': apiKey, 'x-on-behalf-of': 'ext:bob' };
  const url = `${api}/v1/conversations/${cid}/messages?after=0`;
  return (await must<{ items: readonly { at: number; expiresAt?: number }[] }>('GET', url, { headers })).items;
}

test('[EXPR-1] when a message disappears is chosen before it is sent, shown until then, and holds for one', async () => {
  const cid = await converse(running.product, 'Passwords', [['bob', 'What is the code?']]);
  const alice = await visitAs('alice');
  const bob = await visitAs('bob');
  for (const chat of [alice, bob]) await chat.openConversation('Passwords');

  await choose(alice, 'an hour after it is sent');
  await chip(alice).filter({ hasText: 'Disappears an hour after it is sent' }).waitFor();
  await alice.page.getByRole('button', { name: 'Let it stay' }).click();
  await chip(alice).waitFor({ state: 'detached' });
  await choose(alice, 'an hour after it is sent');
  await alice.page.getByLabel('Send something else').click();
  await alice.page.getByRole('button', { name: 'Let it disappear' }).waitFor();
  expect(await alice.page.getByRole('button', { name: 'Send later' }).count()).toBe(0);
  await alice.page.getByLabel('Send something else').click();
  await alice.say('1234');
  await chip(alice).waitFor({ state: 'detached' });
  for (const chat of [alice, bob])
    await article(chat, '1234')
      .locator('footer')
      .getByText(/^disappears .*\d:\d\d/)
      .waitFor();

  await alice.say('Got it?');
  await bob.shows('Got it?');
  expect(await article(bob, 'Got it?').locator('footer').getByText('disappears').count()).toBe(0);
  const [, passing, staying] = await messagesOf(cid);
  expect(passing?.expiresAt).toBe((passing?.at ?? 0) + 3_600_000);
  expect(staying?.expiresAt).toBeUndefined();
});

test('[EXPR-7] [EXPR-8] a message disappears after it was read, and says so before', async () => {
  await converse(running.product, 'Secrets', [['bob', 'Tell me.']]);
  await converse(running.product, 'Opened first', [['bob', 'nothing']]);
  const alice = await visitAs('alice');
  const bob = await visitAs('bob');
  await alice.openConversation('Secrets');
  await bob.openConversation('Opened first');
  await choose(alice, '10 seconds after everybody has read it');
  await alice.say('It was me.');
  await article(alice, 'It was me.').getByText('disappears after reading').waitFor();
  await alice.isMarked('It was me.', 'Delivered');
  await bob.openConversation('Secrets');
  await bob.shows('It was me.');
  for (const chat of [alice, bob]) await chat.shows('This message has expired');
  await waitUntil('nothing of it to be left', async () => (await article(bob, 'It was me.').count()) === 0);
});

test('it is chosen on a phone, in Chinese', async () => {
  await converse(running.product, 'Phone', [['bob', 'Hello']]);
  const alice = await visitAs('alice', { locale: 'zh-CN', viewport: { width: 360, height: 740 } });
  await alice.openConversation('Phone');
  await alice.page.locator('.extras summary').click();
  await alice.page.getByRole('button', { name: '限时消息' }).click();
  const dialog = alice.page.getByRole('dialog', { name: '限时消息' });
  await dialog.getByLabel('消息何时消失').selectOption({ label: '所有人阅读 10 秒后' });
  await dialog.getByRole('button', { name: '完成' }).click();
  await chip(alice).filter({ hasText: '所有人阅读 10 秒后消失' }).waitFor();
  const composer = alice.page.locator('.composer');
  expect(await composer.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
});

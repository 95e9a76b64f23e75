/** Questions that people vote on. */
import { waitUntil } from '@messagecore/dev-servers';
import { must, newMid } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import type { ChatPage } from './chat-page.ts';
import { accept, closeDialog, createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const poll = ({ page }: ChatPage, question: string) => page.getByRole('group', { name: question });

/** How an option stands, as one sees it. */
async function stands(chat: ChatPage, question: string, option: string, count: number, own: boolean): Promise<void> {
  const { page } = chat;
  const button = poll(chat, question).getByRole('radio').or(poll(chat, question).getByRole('checkbox'));
  const line = button.filter({ has: page.getByText(option, { exact: true }) });
  await waitUntil(`${option}: ${count}`, async () => {
    const shown = await line.locator('.count').textContent();
    return shown === String(count) && (await line.getAttribute('aria-checked')) === String(own);
  });
}

test('a poll is made, voted on, changed and closed, and tells who voted', async () => {
  await converse(running.product, 'Lunch', [['bob', 'I am hungry.']]);
  const alice = await visitAs('alice');
  const bob = await visitAs('bob', { colorScheme: 'dark' });
  for (const chat of [alice, bob]) await chat.openConversation('Lunch');
  await alice.page.getByLabel('Send something else').click();
  await alice.page.getByRole('button', { name: 'New poll' }).click();
  const form = alice.page.getByRole('dialog');
  await form.getByLabel('Question').fill('What do we eat?');
  await form.getByLabel('Option 1').fill('Noodles');
  await form.getByLabel('Option 2').fill('Rice');
  await form.getByLabel('Option 3').fill('Nothing');
  await form.getByRole('button', { name: 'Send' }).click();
  const question = 'What do we eat?';
  await poll(bob, question).getByRole('radio', { name: 'Noodles' }).click();
  await stands(bob, question, 'Noodles', 1, true);
  await stands(alice, question, 'Noodles', 1, false);
  await poll(alice, question).getByRole('radio', { name: 'Noodles' }).click();
  await stands(bob, question, 'Noodles', 2, true);
  await poll(bob, question).getByRole('radio', { name: 'Rice' }).click();
  for (const [chat, own] of [
    [alice, false],
    [bob, true],
  ] as const) {
    await stands(chat, question, 'Rice', 1, own);
    await stands(chat, question, 'Noodles', 1, !own);
    await poll(chat, question).getByText('2 voters').waitFor();
  }
  await bob.page.reload();
  await bob.online();
  await bob.openConversation('Lunch');
  await stands(bob, question, 'Rice', 1, true);
  await poll(bob, question).getByRole('radio', { name: 'Rice' }).click();
  await stands(alice, question, 'Rice', 0, false);

  await poll(bob, question).getByRole('button', { name: 'Who voted' }).click();
  const people = bob.page.getByRole('dialog').getByRole('listitem');
  await people.filter({ hasText: 'Alice' }).waitFor();
  expect(await people.count()).toBe(1);
  await closeDialog(bob);
  expect(await poll(bob, question).getByRole('button', { name: 'Close the poll' }).count()).toBe(0);
  accept(alice);
  await poll(alice, question).getByRole('button', { name: 'Close the poll' }).click();
  for (const chat of [alice, bob]) {
    await poll(chat, question).getByText('closed').waitFor();
    expect(await poll(chat, question).getByRole('radio', { name: 'Noodles' }).isDisabled()).toBe(true);
  }
});

test('[POLL-2] of several votes, those of another device stay', async () => {
  const cid = await converse(running.product, 'Days', [['bob', 'When?']]);
  const { api, apiKey } = running.product.state();
  const headers = { 'x-api-key': apiKey, 'x-on-behalf-of': 'ext:bob' };
  const options = ['Friday', 'Saturday'].map((text, index) => ({ id: `o${index}`, text }));
  const body = { mid: newMid(), kind: 'poll', body: { question: 'Which day?', options, multiple: true } };
  await must('POST', `${api}/v1/conversations/${cid}/messages`, { headers, body });
  const desk = await visitAs('alice');
  const phone = await visitAs('alice');
  const question = 'Which day?';
  for (const chat of [desk, phone]) {
    await chat.openConversation('Days');
    await stands(chat, question, 'Friday', 0, false);
  }
  await poll(phone, question).getByRole('checkbox', { name: 'Friday' }).click();
  await stands(desk, question, 'Friday', 1, false);
  await poll(desk, question).getByRole('checkbox', { name: 'Saturday' }).click();
  await stands(desk, question, 'Saturday', 1, true);
  await stands(desk, question, 'Friday', 1, true);
  await stands(phone, question, 'Friday', 1, true);
  expect(await poll(desk, question).getByText('1 voter').count()).toBe(1);
});

test('on a phone, in Chinese: several votes, and nobody told', async () => {
  await converse(running.product, '聚餐', [['bob', '周五聚餐吗？']]);
  const phone = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true, locale: 'zh-CN' } as const;
  const alice = await visitAs('alice', { ...phone, colorScheme: 'dark' });
  const { page } = alice;
  await page.getByRole('button', { name: '聚餐' }).tap();
  await page.getByLabel('发送其他内容').tap();
  await page.getByRole('button', { name: '发起投票' }).tap();
  const form = page.getByRole('dialog');
  await form.getByLabel('问题').fill('哪天？');
  await form.getByLabel('选项 1').fill('周五');
  await form.getByLabel('选项 2').fill('周六');
  await form.getByLabel('可多选').tap();
  await form.getByLabel('匿名').tap();
  await form.getByRole('button', { name: '发送' }).tap();
  for (const day of ['周五', '周六']) await poll(alice, '哪天？').getByRole('checkbox', { name: day }).tap();
  await stands(alice, '哪天？', '周五', 1, true);
  await stands(alice, '哪天？', '周六', 1, true);
  await poll(alice, '哪天？').getByText('1 人已投票 · 可多选 · 匿名').waitFor();
  expect(await poll(alice, '哪天？').getByRole('button', { name: '谁投了票' }).count()).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});

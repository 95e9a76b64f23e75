/** What one has begun to write. */
import { waitUntil } from '@messagecore/dev-servers';
import { expect, test } from 'vitest';
import type { ChatPage } from './chat-page.ts';
import { createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const holds = (chat: ChatPage, text: string) =>
  waitUntil(`"${text}" in the field`, async () => (await chat.field.inputValue()) === text);

test('[DRAFT-1] a draft stays with its conversation, with what it quotes, on all devices, until it is sent', async () => {
  await converse(running.product, 'Begun', [['bob', 'What do you think?']]);
  await converse(running.product, 'Elsewhere', [['bob', 'nothing']]);
  const alice = await visitAs('alice');
  const other = await visitAs('alice');
  await alice.openConversation('Begun');
  await alice.page.getByRole('article').filter({ hasText: 'What do you think?' }).hover();
  await alice.page.getByRole('button', { name: 'Quote' }).click();
  await alice.field.pressSequentially('I think that');
  await alice.openConversation('Elsewhere');
  await holds(alice, '');
  for (const chat of [alice, other]) await chat.page.getByRole('navigation').getByText('Draft: I think that').waitFor();
  await other.openConversation('Begun');
  await holds(other, 'I think that');
  await other.page.locator('.quoting').filter({ hasText: 'What do you think?' }).waitFor();
  await alice.openConversation('Begun');
  await holds(alice, 'I think that');
  await other.field.press('End');
  await other.field.pressSequentially(' it is right');
  await holds(alice, 'I think that it is right');
  await other.field.press('Enter');
  await alice.shows('I think that it is right');
  await holds(alice, '');
  await other.openConversation('Elsewhere');
  expect(await other.page.getByText('Draft:').count()).toBe(0);
});

test('[DRAFT-3] a quote comes to where the conversation is open already, and ends there as well', async () => {
  await converse(running.product, 'Answered', [['bob', 'Who comes?']]);
  const alice = await visitAs('alice');
  const other = await visitAs('alice');
  const quoting = ({ page }: ChatPage) => page.locator('.quoting').filter({ hasText: 'Who comes?' });
  for (const chat of [alice, other]) await chat.openConversation('Answered');
  await alice.page.getByRole('article').filter({ hasText: 'Who comes?' }).hover();
  await alice.page.getByRole('button', { name: 'Quote' }).click();
  await alice.field.pressSequentially('Well');
  await holds(other, 'Well');
  await quoting(other).waitFor();
  await alice.page.getByRole('button', { name: 'Do not quote' }).click();
  for (const chat of [alice, other]) await quoting(chat).waitFor({ state: 'detached' });
  await alice.page.reload();
  await alice.online();
  await alice.openConversation('Answered');
  await holds(alice, 'Well');
  await other.field.press('Enter');
  await alice.shows('Well');
  expect(await alice.page.locator('article .quote').count()).toBe(0);
});

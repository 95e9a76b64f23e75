/** Whom messages mention, and who is there. */
import { waitUntil } from '@messagecore/dev-servers';
import { must } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import type { ChatPage } from './chat-page.ts';
import { closeDialog, createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const offered = ({ page }: ChatPage) => page.getByRole('listbox', { name: 'Whom to mention' }).getByRole('option');
const entry = ({ page }: ChatPage, name: string) => page.getByRole('navigation').getByRole('button', { name });
const mark = ({ page }: ChatPage, text: string) => page.getByRole('article').locator('mark', { hasText: text });
const back = () => {
  const { api, apiKey } = running.product.state();
  return { api, as: (user: string) => ({ 'x-api-key': apiKey, 'x-on-behalf-of': `ext:${user}` }), apiKey };
};

test('a mention is completed as one writes, in any script, stands out, and is found by whom it means', async () => {
  await converse(running.product, 'Office', [
    ['bob', 'Who brings the cake?'],
    ['wang', '我来'],
  ]);
  const { api, apiKey } = back();
  const body = { user: 'ext:wang', displayName: '王伟' };
  await must('POST', `${api}/v1/tokens`, { headers: { 'x-api-key': apiKey }, body });
  await converse(running.product, 'Elsewhere', [['bob', 'nothing']]);
  const alice = await visitAs('alice');
  const bob = await visitAs('bob', { colorScheme: 'dark' });
  await alice.openConversation('Office');
  await bob.openConversation('Elsewhere');

  await alice.field.pressSequentially('你好@王');
  await offered(alice).filter({ hasText: '王伟' }).waitFor();
  await alice.field.press('Enter');
  expect(await alice.field.inputValue()).toBe('你好@王伟 ');
  await alice.field.pressSequentially('和 @');
  await offered(alice).filter({ hasText: 'everybody in this conversation' }).waitFor();
  const names = await offered(alice).locator('bdi').allTextContents();
  expect(names.toSorted()).toEqual(['Bob', 'all', 'here', '王伟'].toSorted());
  await alice.field.press('Escape');
  await offered(alice).first().waitFor({ state: 'detached' });
  await alice.page.getByRole('heading', { level: 2, name: 'Office' }).waitFor();
  await alice.field.press('Backspace');
  await alice.field.pressSequentially('@b');
  await offered(alice).filter({ hasText: 'Bob' }).click();
  await alice.field.pressSequentially('on Friday');
  await alice.field.press('Enter');
  await alice.shows('你好@王伟 和 @Bob on Friday');
  for (const name of ['@王伟', '@Bob']) await mark(alice, name).waitFor();

  await entry(bob, 'Office').getByText('1 mentions you').waitFor();
  await bob.page.getByRole('button', { name: 'My mentions' }).click();
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Office' }).filter({ hasText: '@Bob' }).click();
  await bob.page.getByRole('heading', { level: 2, name: 'Office' }).waitFor();
  await mark(bob, '@Bob').waitFor();
  expect(await mark(bob, '@Bob').getAttribute('data-own')).toBe('true');
  await waitUntil('nothing unread', async () => (await entry(bob, 'Office').getByText('mentions you').count()) === 0);
});

test('a reply in a thread is shown in the conversation too, where that was asked for', async () => {
  await converse(running.product, 'Both', [['bob', 'The root']]);
  const alice = await visitAs('alice');
  const bob = await visitAs('bob');
  for (const chat of [alice, bob]) await chat.openConversation('Both');
  await alice.page.getByRole('article').filter({ hasText: 'The root' }).hover();
  await alice.page.getByRole('button', { name: 'Reply in a thread' }).click();
  const thread = alice.page.getByRole('complementary');
  const field = thread.getByRole('textbox', { name: 'Reply' });
  await field.fill('For the thread alone');
  await field.press('Enter');
  await thread.getByLabel('Show in the conversation, too').check();
  await field.fill('For everybody');
  await field.press('Enter');
  await bob.shows('For everybody');
  expect(await bob.texts()).toEqual(['The root', 'For everybody']);
  const shown = bob.page.getByRole('article').filter({ hasText: 'For everybody' });
  await shown.getByRole('button', { name: 'Replied in a thread' }).click();
  await bob.page.getByRole('complementary').getByText('For the thread alone').waitFor();
});

test('one sees who is there, and chooses what others see of oneself', async () => {
  await converse(running.product, 'Opened first', [['bob', 'nothing']]);
  const { api, as } = back();
  await must('POST', `${api}/v1/conversations`, {
    headers: as('alice'),
    body: { kind: 'dm', participants: ['ext:bob'] },
  });
  const alice = await visitAs('alice');
  const bob = await visitAs('bob', { colorScheme: 'dark' });
  const dm = entry(alice, 'Bob').filter({ has: alice.page.locator('.avatar') });
  await dm.getByText('online', { exact: true }).first().waitFor();
  await bob.page.getByRole('button', { name: 'You: Bob' }).click();
  await bob.page.getByLabel('What others see of me').selectOption('busy');
  await dm.getByText('busy', { exact: true }).first().waitFor();
  await bob.page.getByLabel('What others see of me').selectOption('invisible');
  await dm.getByText('busy', { exact: true }).first().waitFor({ state: 'detached' });
  await bob.page.getByLabel('What others see of me').selectOption('online');
  await dm.getByText('online', { exact: true }).first().waitFor();
  await closeDialog(bob);
  expect(await dm.locator('.presence').getAttribute('data-state')).toBe('online');
});

test('a group is completed and stands out, and mentions who belongs to it', async () => {
  await converse(running.product, 'Studio', [
    ['bob', 'Who draws?'],
    ['alice', 'We do'],
  ]);
  const { api, apiKey } = back();
  const asBackEnd = (method: string, path: string, body: object) =>
    must<{ groupId: string }>(method, `${api}/v1/user-groups${path}`, { headers: { 'x-api-key': apiKey }, body });
  const { groupId } = await asBackEnd('POST', '', { name: '设计组' });
  await asBackEnd('PATCH', `/${groupId}/members`, { add: ['ext:bob'] });
  const alice = await visitAs('alice');
  const bob = await visitAs('bob');
  for (const chat of [alice, bob]) await chat.openConversation('Studio');

  await alice.field.pressSequentially('你好@设');
  await offered(alice).filter({ hasText: '设计组' }).filter({ hasText: 'group' }).click();
  expect(await alice.field.inputValue()).toBe('你好@设计组 ');
  await alice.field.pressSequentially('look');
  await alice.field.press('Enter');
  for (const [chat, isOwn] of [
    [alice, 'false'],
    [bob, 'true'],
  ] as const) {
    await mark(chat, '@设计组').waitFor();
    expect(await mark(chat, '@设计组').getAttribute('data-own')).toBe(isOwn);
  }
});

/** The tenant's groups of users: how its admins look after them, and how others see it without a reload. */
import { must } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import type { ChatPage } from './chat-page.ts';
import { accept, createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const asBackEnd = <T>(method: string, path: string, body: object) => {
  const { api, apiKey } = running.product.state();
  return must<T>(method, `${api}/v1${path}`, { headers: { 'x-api-key': apiKey }, body });
};
const panel = ({ page }: ChatPage) => page.getByRole('tabpanel');
const groups = (chat: ChatPage, list = 'User groups') =>
  panel(chat).getByRole('list', { name: list, exact: true }).locator(':scope > li');

async function openGroups(user: string): Promise<ChatPage> {
  const chat = await visitAs(user);
  await showGroups(chat);
  return chat;
}

async function showGroups(chat: ChatPage): Promise<void> {
  await chat.page.getByRole('button', { name: /^(You|我): / }).click();
  await chat.page.getByRole('tab', { name: /User groups|用户组/ }).click();
}

test('[MEN-10] [EVT-3] an admin of the tenant keeps groups, and others see it at once, and change nothing', async () => {
  await converse(running.product, 'Studio', [['bob', 'Who draws?']]);
  await asBackEnd('PATCH', '/users/ext:alice', { role: 'admin' });
  const bob = await openGroups('bob');
  await panel(bob).getByText('There are none yet.').waitFor();
  expect(await panel(bob).getByRole('textbox').count()).toBe(0);

  const alice = await openGroups('alice');
  const name = panel(alice).getByLabel('Name of the group');
  await name.fill('Designers');
  await name.press('Enter');
  await groups(alice).filter({ hasText: 'Designers' }).waitFor();
  expect(await name.inputValue()).toBe('');
  await name.fill('designers');
  await name.press('Enter');
  await panel(alice).getByRole('alert').filter({ hasText: 'Another group has this name.' }).waitFor();

  await panel(alice).getByRole('button', { name: 'Members of Designers' }).click();
  await panel(alice).getByText('Nobody is in it yet.').waitFor();
  await panel(alice).getByLabel('Add people to Designers').fill('bob');
  await panel(alice).getByRole('button', { name: 'Add Bob' }).click();
  const members = panel(alice).getByRole('list', { name: 'Members of Designers' });
  await members.getByText('Bob').waitFor();
  await panel(alice).getByRole('button', { name: 'Add Bob' }).waitFor({ state: 'detached' });
  await groups(alice).getByText('1 member', { exact: true }).waitFor();

  await groups(bob).getByText('1 member, you too').waitFor();
  await panel(bob).getByRole('button', { name: 'Members of Designers' }).click();
  await panel(bob).getByRole('list', { name: 'Members of Designers' }).getByText('Bob').waitFor();
  expect(await panel(bob).getByRole('button').count()).toBe(1);
  expect(await panel(bob).getByRole('searchbox').count()).toBe(0);

  await panel(alice).getByRole('button', { name: 'Rename Designers' }).press('Enter');
  const renamed = groups(alice).getByLabel('Name of the group');
  expect(await renamed.inputValue()).toBe('Designers');
  await renamed.fill('设计组');
  await renamed.press('Enter');
  await groups(bob).getByText('设计组').waitFor();

  await panel(alice).getByRole('button', { name: 'Members of 设计组' }).click();
  await panel(alice).getByRole('button', { name: 'Remove Bob from the group' }).click();
  await panel(alice).getByText('Nobody is in it yet.').waitFor();
  await groups(bob).getByText('0 members', { exact: true }).waitFor();

  accept(alice);
  await panel(alice).getByRole('button', { name: 'Delete 设计组' }).click();
  for (const chat of [alice, bob]) await panel(chat).getByText('There are none yet.').waitFor();
});

test('[EVT-3] an emoji that comes or goes is shown without a reload', async () => {
  await converse(running.product, 'Zoo', [['bob', 'Look: :zebra:']]);
  const alice = await visitAs('alice');
  await alice.page.route('https://emojis.example/**', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }),
  );
  await alice.openConversation('Zoo');
  const picture = alice.page.getByRole('article').getByRole('img', { name: ':zebra:' });
  await alice.shows('Look: :zebra:');
  await asBackEnd('PUT', '/emojis/zebra', { image: 'https://emojis.example/zebra.svg' });
  await picture.waitFor();
  const { api, apiKey } = running.product.state();
  await must('DELETE', `${api}/v1/emojis/zebra`, { headers: { 'x-api-key': apiKey } });
  await alice.shows('Look: :zebra:');
  expect(await picture.count()).toBe(0);
});

test('groups fit on a phone, in Chinese', async () => {
  await converse(running.product, 'Studio', [['bob', 'Who draws?']]);
  await asBackEnd('PATCH', '/users/ext:alice', { role: 'admin' });
  const long = '负责产品设计与用户体验的同事';
  const { groupId } = await asBackEnd<{ groupId: string }>('POST', '/user-groups', { name: long });
  await asBackEnd('PATCH', `/user-groups/${groupId}/members`, { add: ['ext:alice', 'ext:bob'] });
  const alice = await visitAs('alice', { locale: 'zh-CN', viewport: { width: 360, height: 740 } });
  await showGroups(alice);
  await groups(alice, '用户组').getByText('2 名成员，包括你').waitFor();
  await panel(alice)
    .getByRole('button', { name: `${long}的成员` })
    .click();
  await panel(alice).getByRole('button', { name: '将Bob移出用户组' }).waitFor();
  const dialog = alice.page.getByRole('dialog');
  expect(await dialog.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  await alice.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

/** Emojis of the tenant's own: in reactions and texts, and how its admins look after them. */
import { must, newMid } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import type { ChatPage } from './chat-page.ts';
import { accept, createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" fill="#e5a100"/></svg>`;
const imageOf = (name: string) => `https://emojis.example/${name}.svg`;

async function putEmojis(...names: readonly string[]): Promise<void> {
  const { api, apiKey } = running.product.state();
  const headers = { 'x-api-key': apiKey };
  for (const name of names) await must('PUT', `${api}/v1/emojis/${name}`, { headers, body: { image: imageOf(name) } });
}

/** A page that is served the pictures, and what it asked for them with. */
async function visitWithPictures(user: string, options = {}): Promise<{ chat: ChatPage; asked: Set<string> }> {
  const chat = await visitAs(user, options);
  const asked = new Set<string>();
  await chat.page.route('https://emojis.example/**', (route) => {
    asked.add(route.request().headers()['referer'] ?? 'nothing');
    return route.fulfill({ contentType: 'image/svg+xml', body: PICTURE });
  });
  await chat.page.reload();
  await chat.online();
  return { chat, asked };
}

/** Those that are shown, once their pictures are there. */
const pictureIn = (place: ReturnType<ChatPage['page']['locator']>, name: string) =>
  place.getByRole('img', { name: `:${name}:`, exact: true });

test('[REV-16] names are completed, and are pictures in texts and reactions where they have one', async () => {
  await putEmojis('parrot', 'party', 'cat');
  const cid = await converse(running.product, 'Zoo', [['alice', 'Who comes along?']]);
  const { chat: alice, asked } = await visitWithPictures('alice');
  const { chat: bob } = await visitWithPictures('bob');
  for (const chat of [alice, bob]) await chat.openConversation('Zoo');

  await bob.field.pressSequentially('I do :par');
  const offered = bob.page.getByRole('listbox', { name: 'Custom emojis' });
  await offered.getByRole('option', { name: ':party:' }).waitFor();
  await bob.field.press('ArrowDown');
  await bob.field.press('Enter');
  expect(await bob.field.inputValue()).toBe('I do :party: ');
  await bob.field.pressSequentially('and :nobody: too');
  await bob.field.press('Enter');
  const said = alice.page.getByRole('article').filter({ hasText: 'and :nobody: too' });
  await pictureIn(said, 'party').waitFor();
  expect(await said.locator('p').first().textContent()).toBe('I do  and :nobody: too');

  const { api, apiKey } = running.product.state();
  await must('POST', `${api}/v1/conversations/${cid}/messages`, {
    headers: { 'x-api-key': apiKey, 'x-on-behalf-of': 'ext:alice' },
    body: { mid: newMid(), kind: 'text', body: { text: '**Write** `:cat:` for :cat:', format: 'markdown' } },
  });
  const explained = bob.page.getByRole('article').filter({ hasText: 'Write' });
  await pictureIn(explained, 'cat').waitFor();
  expect(await explained.locator('code').textContent()).toBe(':cat:');
  const preview = bob.page.getByRole('navigation').locator('.entry-preview', { hasText: 'Write' });
  await pictureIn(preview, 'cat').waitFor();
  expect(await preview.textContent()).toBe('Alice: Write :cat: for ');

  const article = alice.page.getByRole('article').filter({ hasText: 'Who comes along?' });
  await article.hover();
  await article.getByRole('button', { name: 'More reactions' }).click();
  const dialog = alice.page.getByRole('dialog', { name: 'More reactions' });
  await dialog.getByLabel('Find by name').fill('RRO');
  const own = dialog.getByRole('list', { name: 'Custom emojis' });
  expect(await own.getByRole('button').count()).toBe(1);
  await own.getByRole('button', { name: 'React with :parrot:' }).click();
  await dialog.waitFor({ state: 'detached' });
  const reaction = bob.page.getByRole('button', { name: ':parrot: 1' });
  const picture = pictureIn(reaction, 'parrot');
  await picture.waitFor();
  expect(await picture.getAttribute('title')).toBe(':parrot:');
  await expect.poll(() => picture.evaluate((image) => Number(Reflect.get(image, 'naturalWidth')))).toBeGreaterThan(0);
  expect([...asked]).toEqual(['nothing']);
});

test('[REV-16] an admin of the tenant adds emojis and takes them away', async () => {
  await converse(running.product, 'Office', [['bob', 'Look: :ship-it:']]);
  const { api, apiKey } = running.product.state();
  await must('PATCH', `${api}/v1/users/ext:alice`, { headers: { 'x-api-key': apiKey }, body: { role: 'admin' } });
  const { chat: bob } = await visitWithPictures('bob');
  await bob.page.getByRole('button', { name: 'You: Bob' }).click();
  await bob.page.getByRole('tab', { name: 'Profile' }).waitFor();
  expect(await bob.page.getByRole('tab', { name: 'Custom emojis' }).count()).toBe(0);

  const { chat: alice } = await visitWithPictures('alice');
  await alice.openConversation('Office');
  const article = alice.page.getByRole('article').filter({ hasText: 'Look:' });
  await article.filter({ hasText: ':ship-it:' }).waitFor();
  await alice.page.getByRole('button', { name: 'You: Alice' }).click();
  const dialog = alice.page.getByRole('dialog');
  await dialog.getByRole('tab', { name: 'Custom emojis' }).click();
  await dialog.getByLabel('Name').fill('ship-it');
  await dialog.getByLabel('Address of the picture').fill(imageOf('ship-it'));
  await dialog.getByRole('button', { name: 'Add' }).click();
  await dialog.getByRole('listitem').filter({ hasText: ':ship-it:' }).waitFor();
  await pictureIn(alice.page.locator('article').filter({ hasText: 'Look:' }), 'ship-it').waitFor();
  accept(alice);
  await dialog.getByRole('button', { name: 'Remove :ship-it:' }).click();
  await dialog.getByRole('listitem').filter({ hasText: ':ship-it:' }).waitFor({ state: 'detached' });
  await alice.shows('Look: :ship-it:');
});

/** Messages for another time: sent later, or kept at hand. */
import { waitUntil } from '@messagecore/dev-servers';
import { must } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import { closeDialog, createPeople } from './people.ts';
import { converse, speak } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

test('a message waits for its time, in a list from which it is taken', async () => {
  const cid = await converse(running.product, 'Planning', [['bob', 'When do we start?']]);
  const alice = await visitAs('alice');
  await alice.openConversation('Planning');
  await alice.page.getByRole('article').filter({ hasText: 'When do we start?' }).hover();
  await alice.page.getByRole('button', { name: 'Quote' }).click();
  await alice.field.fill('On Monday\nat nine');
  await alice.page.getByLabel('Send something else').click();
  await alice.page.getByRole('button', { name: 'Send later' }).click();
  const dialog = alice.page.getByRole('dialog');
  await dialog.getByText('Nothing waits for its time.').waitFor();
  expect(await dialog.getByLabel('Message').inputValue()).toBe('On Monday\nat nine');
  const shownAt = Date.now();
  // The page goes on meanwhile, and the time that was shown stays: sent again, it would be another message.
  await speak(running.product, cid, [['bob', 'Well?']]);
  await alice.shows('Well?');
  await dialog.getByRole('button', { name: 'Send later' }).click();
  await dialog.getByRole('listitem').filter({ hasText: 'On Monday' }).filter({ hasText: 'Planning' }).waitFor();
  expect(await alice.field.first().inputValue()).toBe('');
  expect(await alice.page.locator('.quoting').count()).toBe(0);
  const { api, apiKey } = running.product.state();
  const headers = { 'x-api-key': apiKey, 'x-on-behalf-of': 'ext:alice' };
  const { items } = await must<{ readonly items: readonly { readonly at: number }[] }>('GET', `${api}/v1/scheduled`, {
    headers,
  });
  expect(items).toMatchObject([{ body: { text: 'On Monday\nat nine' }, replyTo: 1 }]);
  expect(items[0]?.at).toBeLessThanOrEqual(shownAt + 3_600_000);
  const entry = dialog.getByRole('listitem');
  await entry.getByRole('button', { name: 'Edit' }).click();
  await entry.getByLabel('Message').fill('On Tuesday');
  await entry.getByRole('button', { name: 'Save' }).click();
  await entry.filter({ hasText: 'On Tuesday' }).filter({ hasText: 'Planning' }).waitFor();
  expect(await entry.count()).toBe(1);
  await dialog.getByRole('button', { name: 'Do not send' }).click();
  await dialog.getByText('Nothing waits for its time.').waitFor();
  await closeDialog(alice);
  expect(await alice.texts()).toEqual(['When do we start?', 'Well?']);
});

test('a bookmark leads back to its message, until it is removed', async () => {
  await converse(running.product, 'Recipes', [['bob', 'Two eggs, one cup of flour.']]);
  await converse(running.product, 'Opened first', [['bob', 'nothing']]);
  const alice = await visitAs('alice');
  await alice.openConversation('Recipes');
  const article = alice.page.getByRole('article').filter({ hasText: 'Two eggs' });
  await article.hover();
  await article.getByRole('button', { name: 'More to do with this message' }).click();
  await article.getByRole('button', { name: 'Bookmark', exact: true }).click();
  await alice.openConversation('Opened first');
  const open = () => alice.page.getByRole('button', { name: 'Bookmarks', exact: true }).click();
  await waitUntil('the bookmark', async () => {
    await open();
    const isThere = (await alice.page.getByRole('dialog').getByText('Two eggs').count()) > 0;
    if (!isThere) await alice.page.getByRole('button', { name: 'Close' }).click();
    return isThere;
  });
  await alice.page.getByRole('dialog').getByRole('button', { name: 'Two eggs' }).click();
  await alice.page.getByRole('heading', { level: 2, name: 'Recipes' }).waitFor();
  await open();
  await alice.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await alice.page.getByText('You have bookmarked nothing yet.').waitFor();
});

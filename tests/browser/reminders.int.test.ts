/** Reminders of messages: made, listed, due, dealt with. */
import type { Page, Reminder, ReminderState } from '@messagecore/protocol/features';
import { call, must, newMid } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import { askSoon } from '../support/ask-soon.ts';
import type { ChatPage } from './chat-page.ts';
import { closeDialog, createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const headersOf = (user: string) => ({
  'x-api-key': running.product.state().apiKey,
  'x-on-behalf-of': `ext:${user}`,
});
const url = () => `${running.product.state().api}/v1/reminders`;
const listOf = async (user: string) => (await must<Page<Reminder>>('GET', url(), { headers: headersOf(user) })).items;

/** Has somebody reminded in a moment. */
async function remindSoon(user: string, about: object): Promise<void> {
  const { status } = await askSoon((at) =>
    call<ReminderState>('POST', url(), { headers: headersOf(user), body: { reminderId: newMid(), at, ...about } }),
  );
  expect(status).toBe(201);
}

test('[RMND-1] one is reminded of a message at a time that is suggested, which is changed in a list and removed', async () => {
  await converse(running.product, 'Garden', [['bob', 'Water the tomatoes']]);
  await converse(running.product, 'Opened first', [['bob', 'nothing']]);
  const alice = await visitAs('alice');
  await alice.openConversation('Garden');
  const article = alice.page.getByRole('article').filter({ hasText: 'Water the tomatoes' });
  await article.hover();
  await article.getByRole('button', { name: 'More to do with this message' }).click();
  await article.getByRole('button', { name: 'Remind me' }).click();
  const dialog = alice.page.getByRole('dialog');
  await dialog.getByLabel('Note').fill('the ones on the balcony');
  const shownAt = Date.now();
  await dialog.getByRole('button', { name: 'In 3 hours' }).click();
  await dialog.waitFor({ state: 'detached' });
  const [made] = await listOf('alice');
  expect(made).toMatchObject({ seq: 1, note: 'the ones on the balcony', state: 'waiting' });
  expect(made?.at).toBeLessThanOrEqual(shownAt + 10_800_000);

  await alice.openConversation('Opened first');
  await alice.page.getByRole('button', { name: 'Reminders' }).click();
  const entry = dialog.getByRole('listitem').filter({ hasText: 'Water the tomatoes' });
  await entry.filter({ hasText: 'Garden' }).filter({ hasText: 'the ones on the balcony' }).waitFor();
  await entry.getByRole('button', { name: 'Edit' }).click();
  const day = new Date(Date.now() + 30 * 86_400_000);
  await entry.getByLabel('When').fill(`${dateOf(day)}T09:30`);
  await entry.getByLabel('Note').fill('all of them');
  await entry.getByRole('button', { name: 'Save' }).click();
  await entry
    .filter({ hasText: `${day.toLocaleDateString('en', { dateStyle: 'medium' })}, 9:30` })
    .filter({ hasText: 'all of them' })
    .waitFor();
  await entry.getByRole('button', { name: 'Edit' }).click();
  await entry.getByLabel('Note').fill('');
  await entry.getByRole('button', { name: 'Save' }).click();
  await entry.filter({ hasNotText: 'all of them' }).waitFor();
  await entry.getByRole('button', { name: 'Water the tomatoes' }).click();
  await alice.page.getByRole('heading', { level: 2, name: 'Garden' }).waitFor();
  await alice.page.getByRole('button', { name: 'Reminders' }).click();
  await entry.getByRole('button', { name: 'Remove' }).click();
  await dialog.getByText('Nothing to be reminded of.').waitFor();
  await closeDialog(alice);
  expect(await listOf('alice')).toEqual([]);
});

/** As a field of a form has it, in the time zone of the page. */
const dateOf = (day: Date) =>
  [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

/** A browser whose person allowed notifications and looks elsewhere. */
const NOTIFYING = `
  globalThis.told = [];
  globalThis.Notification = class extends EventTarget {
    static permission = 'granted';
    constructor(title, { body }) {
      super();
      told.push({ title, body, notice: this });
    }
    close() {}
  };
  document.hasFocus = () => false;`;

test('[RMND-2] what is due is told on every page, from which the message opens, until it is dealt with', async () => {
  const cid = await converse(running.product, 'Oven', [['alice', 'The cake is in the oven']]);
  await converse(running.product, 'Elsewhere', [['alice', 'nothing']]);
  const [notified, streaming] = [await visitAs('bob'), await visitAs('bob')];
  await notified.page.addInitScript(NOTIFYING);
  await streaming.page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebSocket'));
  const pages = [notified, streaming];
  for (const chat of pages) {
    await chat.page.reload();
    await chat.online();
    await chat.openConversation('Elsewhere');
  }
  await remindSoon('bob', { cid, seq: 1, note: 'look at it' });
  const noticeOf = ({ page }: ChatPage) => page.getByRole('region', { name: 'Reminder' });
  for (const chat of pages) {
    await noticeOf(chat)
      .filter({ hasText: 'Alice: The cake is in the oven' })
      .filter({ hasText: 'look at it' })
      .waitFor();
    await chat.page.getByRole('button', { name: 'Reminders 1 reminder is due' }).waitFor();
  }
  expect(await notified.page.evaluate('told.map(({ title, body }) => [title, body])')).toEqual([
    ['Reminder', 'look at it'],
  ]);
  await notified.page.evaluate(`void told[0].notice.dispatchEvent(new Event('click'))`);
  await noticeOf(streaming).getByRole('button', { name: 'Open' }).click();
  for (const chat of pages) {
    await chat.page.getByRole('heading', { level: 2, name: 'Oven', exact: true }).waitFor();
    await noticeOf(chat).waitFor({ state: 'detached' });
  }
  // It is due still: whoever comes later is told, too.
  await streaming.page.reload();
  await noticeOf(streaming).getByRole('button', { name: 'In 20 minutes' }).click();
  await noticeOf(streaming).waitFor({ state: 'detached' });
  for (const { page } of pages) await page.getByRole('button', { name: 'Reminders', exact: true }).waitFor();
  expect(await listOf('bob')).toMatchObject([{ seq: 1, note: 'look at it', state: 'waiting' }]);
});

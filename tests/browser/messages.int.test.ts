/** What a message can do: it is pinned, quoted, linked to and found again, and tells who reacted and who has read it. */
import { waitUntil } from '@messagecore/dev-servers';
import { must, newMid } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import { range } from '../support/room.ts';
import type { ChatPage } from './chat-page.ts';
import { wantsScreenshots } from './config.ts';
import { accept, closeDialog, createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';
import { saveSideBySide } from './side-by-side.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const timeline = ({ page }: ChatPage) => page.getByRole('region', { name: /^Messages in / });
const article = (chat: ChatPage, text: string) => timeline(chat).getByRole('article').filter({ hasText: text });
const said = (chat: ChatPage, text: string) =>
  timeline(chat)
    .getByRole('article')
    .filter({ has: chat.page.locator('p', { hasText: text }) });
const dialog = ({ page }: ChatPage) => page.getByRole('dialog');
const entry = ({ page }: ChatPage, name: string) => page.getByRole('navigation').getByRole('button', { name });

async function act(chat: ChatPage, text: string, ...names: string[]): Promise<void> {
  await said(chat, text).hover();
  for (const name of names) await said(chat, text).getByRole('button', { name, exact: true }).click();
}

const MORE = 'More to do with this message';

/** It has the focus, and stands where one sees it. */
async function isShown(chat: ChatPage, text: string): Promise<void> {
  await waitUntil(`"${text}" to be shown`, async () =>
    ((await chat.page.locator('article:focus').allTextContents())[0] ?? '').includes(text),
  );
  const [inView, frame] = [await said(chat, text).first().boundingBox(), await timeline(chat).boundingBox()];
  expect(inView?.y).toBeGreaterThanOrEqual(frame?.y ?? Infinity);
  expect(inView?.y).toBeLessThan((frame?.y ?? 0) + (frame?.height ?? 0));
}

const longStory = (name: string) =>
  converse(
    running.product,
    name,
    range(1, 130).map((n) => ['bob', `line ${n}`]),
  );

test('two people pin, quote and link, and see who reacted and who has read', async () => {
  await converse(running.product, 'Elsewhere', [['bob', 'nothing']]);
  await converse(running.product, 'Launch', [
    ['bob', 'The date is the fourth of May.'],
    ['alice', 'Noted.'],
  ]);
  const shown = { deviceScaleFactor: 2, permissions: ['clipboard-read', 'clipboard-write'] };
  const alice = await visitAs('alice', { ...shown, colorScheme: 'light' });
  const bob = await visitAs('bob', { ...shown, colorScheme: 'dark' });
  for (const chat of [alice, bob]) await chat.openConversation('Launch');

  await act(alice, 'The date', MORE, 'Pin');
  await article(bob, 'The date').getByRole('img', { name: 'Pinned' }).waitFor();
  await act(bob, 'The date', MORE);
  await article(bob, 'The date').getByRole('button', { name: 'Copy link' }).waitFor();
  expect(await article(bob, 'The date').getByRole('button', { name: 'Unpin' }).count()).toBe(0);
  await alice.page.getByRole('button', { name: 'Pinned messages' }).click();
  await dialog(alice).getByRole('button', { name: 'The date' }).click();
  await isShown(alice, 'The date');
  await alice.page.getByRole('button', { name: 'Pinned messages' }).click();
  await dialog(alice).getByRole('button', { name: 'Unpin' }).click();
  await dialog(alice).getByText('Nothing is pinned yet.').waitFor();
  await closeDialog(alice);
  await article(bob, 'The date').getByRole('img', { name: 'Pinned' }).waitFor({ state: 'detached' });

  await act(bob, 'Noted.', 'React with 👍');
  await article(alice, 'Noted.').getByRole('button', { name: '👍 1', exact: true }).waitFor();
  await act(alice, 'Noted.', 'React with 👍');
  await article(alice, 'Noted.').getByRole('button', { name: '👍 2', exact: false }).waitFor();
  await act(alice, 'Noted.', 'React with 🎉');
  await article(bob, 'Noted.').getByRole('button', { name: '🎉 1' }).waitFor();
  await article(bob, 'Noted.').getByRole('button', { name: 'Who reacted' }).click();
  const people = dialog(bob).getByRole('listitem');
  await people.nth(2).waitFor();
  expect(await people.locator('bdi').allTextContents()).toEqual(['Bob', 'Alice', 'Alice']);
  await dialog(bob).getByRole('tab', { name: '🎉 1' }).click();
  await waitUntil('one who reacted so', async () => (await people.count()) === 1);
  expect(await people.locator('bdi').allTextContents()).toEqual(['Alice']);
  await closeDialog(bob);

  await alice.say('Who reads this?');
  await alice.isMarked('Who reads this?', 'Read by Bob');
  await article(alice, 'Who reads this?').locator('.mark').click();
  await dialog(alice).getByText('Read by 1 of 1').waitFor();
  await dialog(alice).getByRole('listitem').filter({ hasText: 'Bob' }).waitFor();
  await closeDialog(alice);
  await bob.openConversation('Elsewhere');
  await alice.say('And this?');
  await alice.isMarked('And this?', 'Delivered');
  await act(alice, 'And this?', MORE, 'Read by');
  await dialog(alice).getByText('Read by 0 of 1').waitFor();
  await dialog(alice).getByText('Nobody yet.').waitFor();
  await dialog(alice).getByRole('tab', { name: 'Delivered' }).click();
  await dialog(alice).getByRole('listitem').filter({ hasText: 'Bob' }).waitFor();
  await closeDialog(alice);
  await bob.openConversation('Launch');
  await alice.isMarked('And this?', 'Read by Bob');

  await act(bob, 'Noted.', 'Quote');
  await bob.page.getByText('you: ', { exact: false }).or(bob.page.locator('.quoting')).first().waitFor();
  await bob.page.keyboard.press('Escape');
  await bob.page.locator('.quoting').waitFor({ state: 'detached' });
  await act(bob, 'Noted.', 'Quote');
  await bob.page.keyboard.type('Of which year?');
  await bob.page.keyboard.press('Enter');
  await bob.page.locator('.quoting').waitFor({ state: 'detached' });
  const quote = (chat: ChatPage) => said(chat, 'Of which year?').getByRole('button', { name: /^(you|Alice)/ });
  await quote(bob).filter({ hasText: 'Alice' }).filter({ hasText: 'Noted.' }).waitFor();
  await quote(alice).filter({ hasText: 'you' }).filter({ hasText: 'Noted.' }).click();
  await isShown(alice, 'Noted.');

  await act(alice, 'The date', MORE, 'Copy link');
  const address = await alice.page.evaluate<string>('navigator.clipboard.readText()');
  expect(address).toMatch(/#room=[\da-f-]+&seq=1$/);
  await alice.field.fill(`See ${address}, and https://example.com/a.`);
  await alice.field.press('Enter');
  await said(bob, 'See').getByRole('link', { name: 'Message in Launch' }).click();
  await isShown(bob, 'The date');
  expect(new URL(bob.page.url()).hash).toBe('');
  const outside = said(bob, 'See').getByRole('link', { name: 'https://example.com/a', exact: true });
  expect(await outside.getAttribute('rel')).toBe('noopener noreferrer');

  await act(alice, 'The date', MORE, 'Pin');
  await article(bob, 'The date').getByRole('img', { name: 'Pinned' }).waitFor();
  if (wantsScreenshots()) {
    await said(alice, 'Of which year?').hover();
    await said(alice, 'Of which year?').getByRole('button', { name: MORE }).click();
    await bob.page.mouse.move(5, 5);
    await saveSideBySide(running.browser, [alice, bob], 'web-client-messages.png');
  }
  accept(alice);
  await said(alice, 'Noted.').first().hover();
  await said(alice, 'Noted.').first().getByRole('button', { name: 'Withdraw' }).click();
  for (const chat of [alice, bob]) await quote(chat).filter({ hasText: 'This message was withdrawn' }).waitFor();
});

test('a date leads to what was said from then on, far back', async () => {
  const lines = range(1, 70).map((n) => ['bob', `line ${n}`] as const);
  await converse(running.product, 'Today', lines);
  const alice = await visitAs('alice');
  await alice.openConversation('Today');
  await alice.shows('line 70');
  await alice.page.getByRole('button', { name: 'Go to a date' }).click();
  const dialog = alice.page.getByRole('dialog');
  await dialog.getByLabel('Date').fill('2020-01-01');
  await dialog.getByRole('button', { name: 'Show' }).click();
  await alice.shows('line 1');
  const { y = -1 } = (await alice.page.getByText('line 1', { exact: true }).boundingBox()) ?? {};
  expect(y > 0 && y < 700).toBe(true);
});

test('what is new is found where it begins, far back, and marked as unread again', async () => {
  await longStory('Long story');
  await converse(running.product, 'Opened first', [['bob', 'the newest conversation is open from the start']]);
  const alice = await visitAs('alice');
  const texts = () => timeline(alice).locator('article > p[data-room]').allTextContents();
  await alice.openConversation('Long story');
  await alice.shows('line 130');
  await alice.page.getByRole('button', { name: '130 new messages' }).click();
  await alice.shows('line 1');
  expect(await texts()).not.toContain('line 130');
  await timeline(alice).getByText('New messages').waitFor();
  await alice.page.getByRole('button', { name: '130 new messages' }).waitFor({ state: 'detached' });
  await waitUntil('the last line', async () => {
    await timeline(alice).press('End');
    return (await texts()).at(-1) === 'line 130';
  });
  expect(await texts()).toEqual(range(1, 130).map((n) => `line ${n}`));
  // What comes in below keeps the place that was read.
  await waitUntil('the end', async () => {
    await timeline(alice).press('End');
    return (await alice.page.getByRole('button', { name: 'Jump to the newest' }).count()) === 0;
  });
  await timeline(alice).press('PageUp');
  await alice.page.getByRole('button', { name: 'Jump to the newest' }).click();
  await alice.page.getByRole('button', { name: 'Jump to the newest' }).waitFor({ state: 'detached' });

  await act(alice, 'line 128', MORE, 'Mark as unread');
  await entry(alice, 'Long story').getByText('marked as unread').waitFor();
  await waitUntil('the line', async () => {
    const rows = await timeline(alice).locator('.rows > li').allTextContents();
    const at = rows.findIndex((row) => row === 'New messages');
    return (rows[at + 1] ?? '').includes('line 128');
  });
  const other = await visitAs('alice');
  await entry(other, 'Long story').getByText('marked as unread').waitFor();
  await entry(other, 'Long story').hover();
  await other.page
    .locator('.listed')
    .filter({ hasText: 'Long story' })
    .getByRole('button', { name: 'Mark as read' })
    .click();
  for (const chat of [alice, other])
    await waitUntil('no mark', async () => (await entry(chat, 'Long story').getByText('unread').count()) === 0);
  await entry(other, 'Long story').hover();
  await other.page
    .locator('.listed')
    .filter({ hasText: 'Long story' })
    .getByRole('button', { name: 'Mark as unread' })
    .click();
  await entry(alice, 'Long story').getByText('marked as unread').waitFor();
  await other.openConversation('Long story');
  await waitUntil('no mark', async () => (await entry(alice, 'Long story').getByText('unread').count()) === 0);
});

test('a message is opened by its address and by its quote, however far back it is', async () => {
  const cid = await longStory('Far back');
  await converse(running.product, 'Opened first', [['bob', 'the newest conversation is open from the start']]);
  const { api, apiKey } = running.product.state();
  const headers = { 'x-api-key': apiKey, 'x-on-behalf-of': 'ext:alice' };
  await must('PUT', `${api}/v1/conversations/${cid}/messages/5/pin`, { headers });
  const body = { mid: newMid(), kind: 'text', body: { text: 'As in the third line' }, replyTo: 3 };
  await must('POST', `${api}/v1/conversations/${cid}/messages`, { headers, body });
  const bob = await visitAs('bob', {}, `#room=${cid}&seq=60`);
  await bob.page.getByRole('heading', { level: 2, name: 'Far back' }).waitFor();
  await isShown(bob, 'line 60');
  await bob.page.getByRole('button', { name: 'Jump to the newest' }).click();
  await said(bob, 'As in the third line').getByRole('button', { name: 'line 3' }).click();
  await isShown(bob, 'line 3');
  expect(await timeline(bob).getByText('As in the third line').count()).toBe(0);
  await bob.page.getByRole('button', { name: 'Pinned messages' }).click();
  await dialog(bob).getByRole('button', { name: 'line 5' }).click();
  await isShown(bob, 'line 5');
  expect(await timeline(bob).getByText('no longer kept').count()).toBe(0);
  await bob.say('Back to today');
  await timeline(bob).getByText('As in the third line').waitFor();
  await bob.page.goto(`${running.product.state().web}/?user=bob#room=${cid}&seq=5000`);
  await dialog(bob).getByText('This message is not there any more').waitFor();
});

test('by keyboard: help, conversations, the field, one’s last message, and Escape from front to back', async () => {
  await converse(running.product, 'Keys one', [['bob', 'first']]);
  await converse(running.product, 'Keys two', [['bob', 'second']]);
  const alice = await visitAs('alice');
  const { page } = alice;
  const heading = (name: string) => page.getByRole('heading', { level: 2, name, exact: true });
  await heading('Keys two').waitFor();
  await page.keyboard.press('Alt+ArrowDown');
  await heading('Keys one').waitFor();
  await page.keyboard.press('Alt+ArrowUp');
  await heading('Keys two').waitFor();
  await alice.say('Is this right?');
  await alice.isMarked('Is this right?', 'Sent');
  await page.keyboard.press('ArrowUp');
  const edit = page.getByRole('textbox', { name: 'Text of the message' });
  await edit.fill('This is right');
  await edit.press('Enter');
  await alice.shows('This is right');
  await timeline(alice).focus();
  await page.keyboard.press('?');
  await dialog(alice).getByText('Show this list').waitFor();
  await page.keyboard.press('Escape');
  await dialog(alice).waitFor({ state: 'detached' });
  await heading('Keys two').waitFor();
  await page.keyboard.press('c');
  await page.keyboard.type('?');
  expect(await page.getByRole('textbox', { name: 'Message Keys two' }).inputValue()).toBe('?');
  await page.keyboard.press('Control+k');
  await dialog(alice).getByRole('tab', { name: 'Person' }).waitFor();
  await page.keyboard.press('Escape');

  await act(alice, 'second', 'Reply in a thread');
  const thread = page.getByRole('complementary', { name: /^Thread in / });
  await thread.waitFor();
  await act(alice, 'second', 'Quote');
  await page.keyboard.press('Escape');
  await page.locator('.quoting').waitFor({ state: 'detached' });
  await thread.waitFor();
  await page.keyboard.press('Escape');
  await thread.waitFor({ state: 'detached' });
  await heading('Keys two').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Pick a conversation to start').waitFor();
});

test('on a phone, in Chinese and in the dark', async () => {
  await converse(running.product, '读书会', [
    ['bob', '这周读第三章。'],
    ['alice', '好的'],
  ]);
  const phone = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true, locale: 'zh-CN' } as const;
  const alice = await visitAs('alice', { ...phone, colorScheme: 'dark' });
  const { page } = alice;
  await page.getByRole('button', { name: '读书会' }).tap();
  const message = page.getByRole('article').filter({ hasText: '这周读第三章。' });
  const menu = message.getByLabel('对此消息的操作');
  await menu.tap();
  await message.getByRole('button', { name: '置顶消息' }).tap();
  await message.getByRole('img', { name: '已置顶' }).waitFor();
  await menu.tap();
  await message.getByRole('button', { name: '引用' }).tap();
  await page.locator('.quoting').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  await page.getByRole('textbox').fill('收到');
  await page.getByRole('button', { name: '发送' }).tap();
  await page
    .getByRole('article')
    .filter({ hasText: '收到' })
    .getByRole('button', { name: 'Bob 这周读第三章。' })
    .waitFor();
  await page.getByRole('button', { name: '置顶消息列表' }).tap();
  await page.getByRole('dialog').getByRole('button', { name: '这周读第三章。' }).tap();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});

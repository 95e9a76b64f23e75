/** What people do with messages that stand there: they react, edit, recall, and reply in threads. */
import { waitUntil } from '@messagecore/dev-servers';
import { LIMITS } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { range } from '../support/room.ts';
import type { ChatPage } from './chat-page.ts';
import { wantsScreenshots } from './config.ts';
import { accept, createPeople } from './people.ts';
import { converse, speak } from './product.ts';
import { useProductInBrowser } from './running.ts';
import { saveSideBySide } from './side-by-side.ts';

const running = useProductInBrowser();
const { signUp, visitAs } = createPeople(running);

const timeline = ({ page }: ChatPage) => page.getByRole('region', { name: /^Messages in / });
const thread = ({ page }: ChatPage) => page.getByRole('complementary', { name: /^Thread in / });
const article = (chat: ChatPage, text: string) => timeline(chat).getByRole('article').filter({ hasText: text });
const texts = (chat: ChatPage) => timeline(chat).locator('article > p[data-room]').allTextContents();
const replies = (chat: ChatPage) =>
  thread(chat).getByRole('listitem').locator('article > p[data-room]').allTextContents();

/** The server has it: its echo has gone. */
const arrived = (chat: ChatPage, text: string) =>
  article(chat, text).locator('.mark[data-mark=sent], .mark[data-mark=read]').waitFor();

/** The button of a message that says what is known of its thread. */
const summary = (chat: ChatPage, text: string) => article(chat, text).getByRole('button', { name: /repl(y|ies) ·/ });

async function isSummedUp(chat: ChatPage, text: string, count: string, isUnread: boolean): Promise<void> {
  await waitUntil(`${count}, ${isUnread ? 'unread' : 'read'}`, async () => {
    const said = (await summary(chat, text).allTextContents())[0] ?? '';
    return said.startsWith(`${count} ·`) && said.includes('unread') === isUnread;
  });
}

async function reply(chat: ChatPage, text: string): Promise<void> {
  const field = thread(chat).getByRole('textbox', { name: 'Reply' });
  await field.fill(text);
  await field.press('Enter');
  await thread(chat).getByRole('article').filter({ hasText: text }).waitFor();
}

test('two people react, edit and recall, by pointer and by keyboard, and talk in a thread', async () => {
  const shown = { deviceScaleFactor: 2 } as const;
  const ann = await signUp('Ann', { ...shown, colorScheme: 'light' });
  const ben = await signUp('Ben', { ...shown, colorScheme: 'dark' });
  await ann.page.getByRole('button', { name: 'New conversation' }).click();
  const dialog = ann.page.getByRole('dialog');
  await dialog.getByRole('tab', { name: 'Create' }).click();
  await dialog.getByLabel('Name').fill('Garden');
  for (const name of ['Alice', 'Ben']) {
    await dialog.getByLabel('Search people').fill(name.toLowerCase());
    await dialog.getByRole('button', { name: `Add ${name}` }).click();
  }
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await ann.page.getByRole('heading', { level: 2, name: 'Garden' }).waitFor();
  await ben.openConversation('Garden');
  await ann.say('The beds are free. What do we plant?');
  await ben.shows('The beds are free. What do we plant?');

  await article(ben, 'The beds').hover();
  await ben.page.getByRole('button', { name: 'React with 👍' }).click();
  await article(ann, 'The beds').getByRole('button', { name: '👍 1', exact: true }).click();
  for (const chat of [ann, ben])
    await article(chat, 'The beds').getByRole('button', { name: '👍 2, yours too', exact: true }).waitFor();
  await article(ann, 'The beds').getByRole('button', { name: '👍 2' }).click();
  await article(ann, 'The beds').getByRole('button', { name: '👍 1', exact: true }).waitFor();
  await ben.page.reload();
  await ben.online();
  await ben.openConversation('Garden');
  await article(ben, 'The beds').getByRole('button', { name: '👍 1', exact: true }).click();
  for (const chat of [ann, ben])
    await article(chat, 'The beds').getByRole('button', { name: /^👍/ }).waitFor({ state: 'detached' });

  await ann.say('I have tomatos');
  await arrived(ann, 'tomatos');
  await article(ann, 'tomatos').focus();
  await ann.page.keyboard.press('Tab');
  expect(await ann.page.locator(':focus').getAttribute('aria-label')).toBe('React with 👍');
  const text = ann.page.getByRole('textbox', { name: 'Text of the message' });
  await article(ann, 'tomatos').getByRole('button', { name: 'Edit' }).press('Enter');
  await text.fill('Nothing');
  await text.press('Escape');
  await text.waitFor({ state: 'detached' });
  await article(ann, 'tomatos').getByRole('button', { name: 'Edit' }).press('Enter');
  await text.fill('x'.repeat(LIMITS.textCodePoints + 1));
  await text.press('Enter');
  await timeline(ann).getByRole('alert').filter({ hasText: /\S/ }).waitFor();
  await text.fill('I have tomatoes,');
  await text.press('Shift+Enter');
  await text.pressSequentially('and beans');
  await text.press('Enter');
  for (const chat of [ann, ben]) {
    await chat.shows('I have tomatoes,\nand beans');
    await article(chat, 'tomatoes').getByText('edited').waitFor();
  }

  await ann.say('Forget it');
  await ben.shows('Forget it');
  await arrived(ann, 'Forget it');
  await article(ann, 'Forget it').hover();
  accept(ann);
  await article(ann, 'Forget it').getByRole('button', { name: 'Withdraw' }).click();
  for (const chat of [ann, ben]) {
    await chat.shows('This message was withdrawn');
    expect(await texts(chat)).not.toContain('Forget it');
  }
  await article(ann, 'withdrawn').hover();
  expect(await article(ann, 'withdrawn').getByRole('button').count()).toBe(0);

  await article(ben, 'The beds').hover();
  await ben.page.getByRole('button', { name: 'Reply in a thread' }).click();
  await reply(ben, 'Tomatoes along the wall, it keeps the warmth.');
  await isSummedUp(ann, 'The beds', '1 reply', true);
  await summary(ann, 'The beds').click();
  await isSummedUp(ann, 'The beds', '1 reply', false);
  await reply(ann, 'And beans behind them. Saturday?');
  await waitUntil('the answer', async () => (await replies(ben)).includes('And beans behind them. Saturday?'));
  await reply(ben, 'Saturday. I bring the spades 🌱');
  await waitUntil('all replies', async () => (await replies(ann)).length === 4);
  await isSummedUp(ann, 'The beds', '3 replies', false);
  const said = ['The beds are free. What do we plant?', 'I have tomatoes,\nand beans', 'This message was withdrawn'];
  for (const chat of [ann, ben]) {
    expect(await texts(chat)).toEqual(said);
    expect(await chat.page.getByText('no longer kept').count()).toBe(0);
  }
  await article(ann, 'The beds').hover();
  await article(ann, 'The beds').getByRole('button', { name: 'React with 🎉' }).click();
  await article(ben, 'The beds').getByRole('button', { name: '🎉 1' }).waitFor();
  if (wantsScreenshots()) {
    for (const { page } of [ann, ben]) await page.mouse.move(5, 5);
    await saveSideBySide(running.browser, [ann, ben], 'web-client-threads.png');
  }
});

test('a thread of two pages: counted, read, left and followed, and found among one’s own', async () => {
  const cid = await converse(running.product, 'Long thread', [['alice', 'What was said?']]);
  await speak(running.product, cid, [['bob', 'aside']]);
  await speak(
    running.product,
    cid,
    range(1, 60).map((n) => ['bob', `reply ${n}`]),
    { threadRoot: 1 },
  );
  await converse(running.product, 'Opened first', [['bob', 'the newest conversation is open from the start']]);
  const alice = await visitAs('alice');
  const other = await visitAs('alice');
  const bob = await visitAs('bob');
  for (const chat of [alice, other, bob]) {
    await chat.openConversation('Long thread');
    await isSummedUp(chat, 'What was said?', '60 replies', chat !== bob);
    // The newest page of the history is replies alone.
    expect(await texts(chat)).toEqual(['What was said?', 'aside']);
  }

  await summary(alice, 'What was said?').click();
  const newest = range(11, 60).map((n) => `reply ${n}`);
  await waitUntil('the newest page', async () => (await replies(alice)).length === 51);
  expect(await replies(alice)).toEqual(['What was said?', ...newest]);
  await thread(alice).getByText('New messages').waitFor();
  await thread(alice).getByRole('button', { name: 'Earlier replies' }).click();
  await waitUntil('all replies', async () => (await replies(alice)).length === 61);
  expect((await replies(alice)).slice(0, 3)).toEqual(['What was said?', 'reply 1', 'reply 2']);
  expect(await thread(alice).getByText('no longer kept').count()).toBe(0);
  for (const chat of [alice, other]) await isSummedUp(chat, 'What was said?', '60 replies', false);

  await alice.page.keyboard.press('Escape');
  await thread(alice).waitFor({ state: 'detached' });
  await alice.page.getByRole('heading', { level: 2, name: 'Long thread' }).waitFor();
  await summary(bob, 'What was said?').click();
  await reply(bob, 'reply 61');
  for (const chat of [alice, other]) await isSummedUp(chat, 'What was said?', '61 replies', true);

  await alice.openConversation('Opened first');
  await alice.page.getByRole('button', { name: 'My threads' }).click();
  const own = alice.page.getByRole('dialog').getByRole('button', { name: 'Long thread' });
  await own.filter({ hasText: '1 unread reply' }).filter({ hasText: 'you: What was said?' }).click();
  await waitUntil('the reply', async () => (await replies(alice)).at(-1) === 'reply 61');
  await alice.page.getByRole('heading', { level: 2, name: 'Long thread' }).waitFor();
  for (const chat of [alice, other]) await isSummedUp(chat, 'What was said?', '61 replies', false);

  await thread(alice).getByRole('button', { name: 'Unfollow' }).click();
  await thread(alice).getByRole('button', { name: 'Follow', exact: true }).waitFor();
  await summary(other, 'What was said?').click();
  await thread(other).getByRole('button', { name: 'Follow', exact: true }).waitFor();
  await thread(other).getByRole('button', { name: 'Close the thread' }).click();
  await reply(bob, 'reply 62');
  await isSummedUp(other, 'What was said?', '62 replies', false);
  await thread(alice).getByRole('button', { name: 'Follow', exact: true }).click();
  await thread(alice).getByRole('button', { name: 'Unfollow' }).waitFor();
  await reply(bob, 'reply 63');
  await isSummedUp(other, 'What was said?', '63 replies', false);
  await alice.page.getByRole('button', { name: 'Close the thread' }).click();
  await reply(bob, 'reply 64');
  await isSummedUp(other, 'What was said?', '64 replies', true);
});

test('a link leads to a reply that is not among the newest ones', async () => {
  const cid = await converse(running.product, 'Much said', [['alice', 'What was said?']]);
  const said = range(1, 60).map((n) => ['bob', `reply ${n}`] as const);
  await speak(running.product, cid, said, { threadRoot: 1 });
  const alice = await visitAs('alice');
  await alice.openConversation('Much said');
  await alice.page.evaluate(`location.hash = '#room=${cid}&seq=4'`);
  const aimedAt = thread(alice).locator('article:focus');
  await waitUntil('the reply', async () => (await aimedAt.locator('p[data-room]').allTextContents())[0] === 'reply 3');
  const { y = -1 } = (await aimedAt.boundingBox()) ?? {};
  expect(y > 0 && y < 700).toBe(true);
});

test('on a phone, in Chinese: a menu of what to do, and a thread in front of its conversation', async () => {
  await converse(running.product, '周末', [['bob', '周六去爬山吗？']]);
  const phone = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true, locale: 'zh-CN' } as const;
  const alice = await visitAs('alice', { ...phone, colorScheme: 'dark' });
  const { page } = alice;
  await page.getByRole('button', { name: '周末' }).tap();
  const root = page.getByRole('article').filter({ hasText: '周六去爬山吗？' });
  const menu = root.getByLabel('对此消息的操作');
  await menu.tap();
  await root.getByRole('button', { name: '回应 🎉' }).tap();
  await root.getByRole('button', { name: '🎉 1，包括我' }).waitFor();
  await menu.tap();
  await root.getByRole('button', { name: '在话题中回复' }).tap();
  const drawer = page.getByRole('complementary');
  const field = drawer.getByRole('textbox', { name: '回复' });
  await field.fill('去！几点？');
  await field.press('Enter');
  await drawer.getByRole('article').filter({ hasText: '去！几点？' }).waitFor();
  expect(await page.getByRole('main').isVisible()).toBe(false);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  await drawer.getByRole('button', { name: '关闭话题' }).tap();
  await page
    .getByRole('main')
    .getByRole('button', { name: /^1 条回复 · / })
    .waitFor();
});

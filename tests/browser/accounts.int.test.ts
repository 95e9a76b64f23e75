/** People of a tenant without a back end: they sign up, find each other, and govern their conversations, all on the page. */
import { join } from 'node:path';
import { waitUntil } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
import { ChatPage } from './chat-page.ts';
import { wantsScreenshots } from './config.ts';
import { useProductInBrowser } from './running.ts';
import { IMAGES } from './side-by-side.ts';

const running = useProductInBrowser();

const PASSWORD = 'a password of the tests';

/** What is refused here on purpose, as browsers report it. */
const REFUSED = /status of 401/;

async function visit(query = '', options: Parameters<typeof ChatPage.open>[2] = {}): Promise<ChatPage> {
  const chat = await ChatPage.open(running.browser, `${running.product.state().web}/${query}`, options);
  onTestFinished(() => {
    expect(chat.problems.filter((problem) => !REFUSED.test(problem))).toEqual([]);
    return chat.page.context().close();
  });
  return chat;
}

/** The link in the newest mail to this address, once it is another than `before`. */
async function mailedLink(email: string, before?: string): Promise<string> {
  let link: string | undefined;
  await waitUntil(`a mail to ${email}`, async () => {
    const mails = await (await fetch(`${running.product.state().web}/mails`)).text();
    const mail = mails.split('────────').find((each) => each.includes(`To: ${email}`));
    link = mail?.match(/http\S+#\w+=\S+/)?.[0];
    return link !== undefined && link !== before;
  });
  return link ?? '';
}

/** A new account, signed in on a page of its own. */
async function signUp(name: string, options: Parameters<typeof ChatPage.open>[2] = {}): Promise<ChatPage> {
  const email = `${name.toLowerCase()}@example.com`;
  const chat = await visit('', options);
  const { page } = chat;
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText(`A mail is on its way to ${email}`).waitFor();
  await page.goto(await mailedLink(email));
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Come in' }).click();
  await chat.online();
  await page.getByRole('button', { name: `You: ${name}` }).waitFor();
  return chat;
}

const closeDialog = ({ page }: ChatPage) => page.getByRole('button', { name: 'Close' }).click();
const accept = ({ page }: ChatPage) => page.once('dialog', (dialog) => void dialog.accept());

test('who signs up stays signed in over a reload, signs out and in, and gets a new password', async () => {
  const zoe = await signUp('Zoe');
  const { page } = zoe;
  await page.reload();
  await zoe.online();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password').fill('not the right one');
  await page.getByLabel('E-mail').fill('zoe@example.com');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'That is not right' }).waitFor();

  await page.getByRole('button', { name: 'Forgotten your password?' }).click();
  await page.getByLabel('E-mail').fill('zoe@example.com');
  const before = await mailedLink('zoe@example.com');
  await page.getByRole('button', { name: 'Send me a mail' }).click();
  await page.getByText('A mail is on its way').waitFor();
  await page.goto(await mailedLink('zoe@example.com', before));
  await page.getByLabel('New password').fill('another password of the tests');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('The new password counts').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill('zoe@example.com');
  await page.getByLabel('Password').fill('another password of the tests');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await zoe.online();
  expect(await page.evaluate(() => Object.keys(localStorage).some((key) => key.includes('sign-in')))).toBe(true);
});

test('who signs out while the server cannot be told is told so', async () => {
  const uma = await signUp('Uma');
  const { page } = uma;
  await page.route('**/v1/auth/sign-out', (route) => route.abort());
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('alert').filter({ hasText: 'the server could not be told' }).waitFor();
  expect(await page.evaluate(() => Object.keys(localStorage).some((key) => key.includes('sign-in')))).toBe(false);
});

test('people find each other, make a group, and govern it; who is removed sees it no more', async () => {
  const ann = await signUp('Ann', { colorScheme: 'light' });
  const ben = await signUp('Ben', { colorScheme: 'dark' });
  await ann.page.getByRole('button', { name: 'New conversation' }).click();
  const dialog = ann.page.getByRole('dialog');
  await dialog.getByRole('tab', { name: 'Create' }).click();
  await dialog.getByLabel('Name').fill('Book club');
  for (const name of ['Alice', 'Ben']) {
    await dialog.getByLabel('Search people').fill(name.toLowerCase());
    await dialog.getByRole('button', { name: `Add ${name}` }).click();
  }
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await ann.page.getByRole('heading', { level: 2, name: 'Book club' }).waitFor();
  await ben.openConversation('Book club');
  await ben.say('What do we read?');
  await ann.shows('What do we read?');

  await ann.page.getByRole('button', { name: 'About this conversation' }).click();
  await dialog.getByLabel('What to do about Ben').click();
  await dialog.getByRole('button', { name: 'Mute for an hour' }).click();
  await dialog.getByText('muted').waitFor();
  if (wantsScreenshots()) await ann.page.screenshot({ path: join(IMAGES, 'web-client-members.png') });
  await ben.field.fill('Hello?');
  await ben.field.press('Enter');
  await ben.page.getByText('Not sent:').waitFor();

  await dialog.getByRole('tab', { name: 'Settings' }).click();
  await dialog.getByLabel('Name').fill('Film club');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await ben.page.getByRole('heading', { level: 2, name: 'Film club' }).waitFor();
  await dialog.getByRole('switch', { name: 'Pinned to the top' }).check();
  await waitUntil('the mark of a pinned one', async () => (await ann.page.locator('.entry-title .icon').count()) === 1);

  await dialog.getByRole('tab', { name: 'Members' }).click();
  await dialog.getByLabel('What to do about Ben').click();
  accept(ann);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await ben.page.getByRole('button', { name: 'Film club' }).waitFor({ state: 'detached' });
  await waitUntil('one person less', async () => (await dialog.locator('summary').count()) === 1);
  expect(await ann.texts()).toEqual(['What do we read?']);
});

test('invitations and links lead in, and who is blocked is told nothing', async () => {
  const eve = await signUp('Eve');
  const dan = await signUp('Dan');
  await eve.page.getByRole('button', { name: 'New conversation' }).click();
  const dialog = eve.page.getByRole('dialog');
  await dialog.getByRole('tab', { name: 'Create' }).click();
  await dialog.getByLabel('Kind').selectOption('private');
  await dialog.getByLabel('Name').fill('Secret garden');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await eve.page.getByRole('heading', { level: 2, name: 'Secret garden' }).waitFor();

  await eve.page.getByRole('button', { name: 'About this conversation' }).click();
  await dialog.getByLabel('Search people').fill('dan');
  await dialog.getByRole('button', { name: 'Invite Dan' }).click();
  await dan.page.getByText('Eve invites you to Secret garden').waitFor();
  await dan.page.getByRole('button', { name: 'Decline the invitation to Secret garden' }).click();
  await dan.page.getByText('Eve invites you to').waitFor({ state: 'detached' });

  await dialog.getByRole('tab', { name: 'Ways in' }).click();
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  const link = (await dialog.locator('output').textContent()) ?? '';
  await closeDialog(eve);
  await dan.page.goto(link);
  await dan.page.getByRole('dialog').getByText('from Eve').waitFor();
  await dan.page.getByRole('button', { name: 'Join' }).click();
  await dan.page.getByRole('heading', { level: 2, name: 'Secret garden' }).waitFor();
  await waitUntil('an address without the code', async () => new URL(dan.page.url()).hash === '');

  await dan.page.getByRole('button', { name: 'About this conversation' }).click();
  const room = dan.page.getByRole('dialog');
  await room.getByLabel('What to do about Eve').click();
  accept(dan);
  await room.getByRole('button', { name: 'Block' }).click();
  await closeDialog(dan);
  await dan.page.getByRole('button', { name: 'You: Dan' }).click();
  await room.getByRole('tab', { name: 'Blocked' }).click();
  const unblock = room.getByRole('button', { name: 'Unblock Eve' });
  await unblock.waitFor();
  // In a room that both share what Eve says goes its way.
  await eve.say('Are you there?');
  await dan.shows('Are you there?');
  const mark = async () => (await eve.mark('Are you there?')) ?? '';
  await waitUntil('a message that was sent', async () => ['Sent', 'Read by Dan'].includes(await mark()));
  expect(await eve.page.locator('body').innerText()).not.toMatch(/block|not sent/i);
  expect(await eve.page.getByRole('alert').count()).toBe(0);
  await unblock.click();
  await room.getByText('You have blocked nobody').waitFor();
});

test('on a phone, in Chinese: a profile, and devices that are signed out', async () => {
  const phone = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true, colorScheme: 'dark' } as const;
  const lin = await signUp('Lin', phone);
  const { page } = lin;
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('button', { name: '我: Lin' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('姓名').fill('林');
  await dialog.getByLabel('表情').fill('🎧');
  await dialog.getByLabel('状态').fill('在听音乐');
  await dialog.getByRole('button', { name: '保存' }).click();
  await dialog.getByText('已保存').waitFor();
  await dialog.getByRole('tab', { name: '安全' }).click();
  await dialog.getByText('本设备').waitFor();
  if (wantsScreenshots()) await page.screenshot({ path: join(IMAGES, 'web-client-security.png') });
  page.once('dialog', (asked) => void asked.accept());
  await dialog.getByRole('button', { name: '退出所有设备' }).click();
  await page.getByRole('button', { name: '登录', exact: true }).waitFor();
  expect(await page.evaluate(() => Object.keys(localStorage).some((key) => key.includes('sign-in')))).toBe(false);
});

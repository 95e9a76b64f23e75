/** People of a tenant without a back end: they sign up, find each other, and govern their conversations, all on the page. */
import { join } from 'node:path';
import { waitUntil } from '@messagecore/dev-servers';
import { expect, test } from 'vitest';
import { wantsScreenshots } from './config.ts';
import { accept, closeDialog, createPeople } from './people.ts';
import { useProductInBrowser } from './running.ts';
import { IMAGES } from './side-by-side.ts';

const running = useProductInBrowser();

const { mailedLink, signUp } = createPeople(running);

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
  const link = (await dialog.locator('output', { hasText: '#link=' }).textContent()) ?? '';
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

test('a private channel is asked for by its address; who is banned comes back when that is lifted; at last it is deleted', async () => {
  const ida = await signUp('Ida');
  const jon = await signUp('Jon');
  await ida.page.getByRole('button', { name: 'New conversation' }).click();
  const dialog = ida.page.getByRole('dialog');
  await dialog.getByRole('tab', { name: 'Create' }).click();
  await dialog.getByLabel('Kind').selectOption('private');
  await dialog.getByLabel('Name').fill('Workshop');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await ida.page.getByRole('heading', { level: 2, name: 'Workshop' }).waitFor();
  await ida.page.getByRole('button', { name: 'About this conversation' }).click();
  await dialog.getByRole('tab', { name: 'Ways in' }).click();
  const address = (await dialog.locator('output').first().textContent()) ?? '';
  await closeDialog(ida);

  await jon.page.goto(address);
  const asking = jon.page.getByRole('dialog');
  await asking.getByLabel('Message to them').fill('I bring my own tools');
  await asking.getByRole('button', { name: 'Ask to join' }).click();
  await asking.getByText('You have asked to join').waitFor();
  expect(await jon.page.locator('body').innerText()).not.toContain('Workshop');
  await closeDialog(jon);

  await ida.page.getByRole('button', { name: 'About this conversation' }).click();
  await dialog.getByRole('tab', { name: 'Ways in' }).click();
  await dialog.getByText('I bring my own tools').waitFor();
  await dialog.getByRole('button', { name: 'Let in' }).click();
  await jon.openConversation('Workshop');
  await jon.say('Here I am');

  await dialog.getByRole('tab', { name: 'Members' }).click();
  await dialog.getByLabel('What to do about Jon').click();
  accept(ida);
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
  await jon.page.getByRole('button', { name: 'Workshop' }).waitFor({ state: 'detached' });
  await jon.page.goto(address);
  await asking.getByRole('button', { name: 'Ask to join' }).click();
  await asking.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
  await closeDialog(jon);

  await dialog.getByRole('tab', { name: 'Ways in' }).click();
  await dialog.getByRole('button', { name: 'Lift the ban of Jon' }).click();
  await dialog.getByText('Nobody is banned').waitFor();
  await dialog.getByRole('tab', { name: 'Members' }).click();
  await dialog.getByLabel('Search people').fill('jon');
  await dialog.getByRole('button', { name: 'Add Jon' }).click();
  await jon.openConversation('Workshop');

  await dialog.getByRole('tab', { name: 'Settings' }).click();
  accept(ida);
  await dialog.getByRole('button', { name: 'Delete' }).click();
  for (const { page } of [ida, jon])
    await page.getByRole('button', { name: 'Workshop' }).waitFor({ state: 'detached' });
});

test('the address of a public channel joins it', async () => {
  const una = await signUp('Una');
  const dialog = una.page.getByRole('dialog');
  await una.page.getByRole('button', { name: 'New conversation' }).click();
  await dialog.getByRole('tab', { name: 'Create' }).click();
  await dialog.getByLabel('Kind').selectOption('public');
  await dialog.getByLabel('Name').fill('Square');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await una.page.getByRole('heading', { level: 2, name: 'Square' }).waitFor();
  await una.page.getByRole('button', { name: 'About this conversation' }).click();
  await dialog.getByRole('tab', { name: 'Ways in' }).click();
  const address = (await dialog.locator('output').first().textContent()) ?? '';
  await closeDialog(una);

  const val = await signUp('Val');
  await val.page.goto(address);
  await val.page.getByRole('dialog').getByRole('button', { name: 'Join' }).click();
  await val.page.getByRole('heading', { level: 2, name: 'Square' }).waitFor();
  await val.say('Good morning');
  await una.shows('Good morning');
  expect(await val.page.getByRole('alert').filter({ hasText: /\S/ }).count()).toBe(0);
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

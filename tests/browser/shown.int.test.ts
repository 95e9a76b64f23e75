/** What the page shows of messages that are not like others: nested, broken, expired, forwarded, edited, replies alone. */
import { waitUntil } from '@messagecore/dev-servers';
import { must, newMid } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import type { ChatPage } from './chat-page.ts';
import { closeDialog, createPeople } from './people.ts';
import { converse, speak } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visitAs } = createPeople(running);

const timeline = ({ page }: ChatPage) => page.getByRole('region', { name: /^Messages in / });
const said = (chat: ChatPage, text: string) => timeline(chat).getByRole('article').filter({ hasText: text });

const dialog = ({ page }: ChatPage) => page.getByRole('dialog');
const MORE = 'More to do with this message';

async function act(chat: ChatPage, text: string, ...names: string[]): Promise<void> {
  await said(chat, text).hover();
  for (const name of names) await said(chat, text).getByRole('button', { name, exact: true }).click();
}

function as(user: string) {
  const { api, apiKey } = running.product.state();
  return { url: `${api}/v1/conversations`, headers: { 'x-api-key': apiKey, 'x-on-behalf-of': `ext:${user}` } };
}

async function send(cid: string, user: string, message: object): Promise<void> {
  const { url, headers } = as(user);
  const body = { mid: newMid(), kind: 'text', ...message };
  await must('POST', `${url}/${cid}/messages`, { headers, body });
}

test('[KIND-3] neither Markdown nested without end nor a message that cannot be rendered takes others away', async () => {
  const cid = await converse(running.product, 'Nested', [['bob', 'before']]);
  await send(cid, 'bob', { body: { text: '1. '.repeat(5_000), format: 'markdown' } });
  await speak(running.product, cid, [['bob', 'after']]);
  const alice = await visitAs('alice');
  await alice.openConversation('Nested');
  for (const text of ['before', 'after']) await alice.shows(text);
  await said(alice, '1. 1. 1.').waitFor();

  const breaking = `const { toISOString } = Date.prototype;
    const from = Date.now();
    Date.prototype.toISOString = function () {
      if (this.getTime() >= from) throw new Error('broken on purpose');
      return toISOString.call(this);
    }`;
  await alice.page.evaluate(breaking);
  await speak(running.product, cid, [['bob', 'broken']]);
  await timeline(alice).getByText('This page cannot show this message').waitFor();
  for (const text of ['before', 'after']) await alice.shows(text);
  await alice.page.getByRole('textbox').waitFor();
  expect(alice.problems.splice(0).join('\n')).toContain('broken on purpose');
});

test('[EXPR-4] a message is hidden when it expires, without a connection too', async () => {
  const cid = await converse(running.product, 'Secrets', [['bob', 'what stays']]);
  const alice = await visitAs('alice');
  let isCut = false;
  await alice.page.routeWebSocket(/\/ws/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!isCut) socket.send(message);
    });
  });
  await alice.page.reload();
  await alice.online();
  await alice.openConversation('Secrets');
  await send(cid, 'bob', { body: { text: 'what goes' }, expiresIn: 20 });
  await alice.shows('what goes');
  isCut = true;
  await alice.page.context().setOffline(true);
  await alice.shows('This message has expired');
  expect(await alice.page.getByText('what goes').count()).toBe(0);
  await alice.shows('what stays');
});

test('[FWD-4] a message is sent on to another conversation, says who wrote it, and has no edit', async () => {
  await converse(running.product, 'Goal', [['alice', 'My own.']]);
  await converse(running.product, 'Source', [['bob', 'Read this.']]);
  const alice = await visitAs('alice');
  await alice.openConversation('Source');
  await act(alice, 'Read this.', MORE, 'Forward');
  await dialog(alice).getByLabel('To which conversation').fill('goal');
  await waitUntil('one conversation', async () => (await dialog(alice).getByRole('listitem').count()) === 1);
  await dialog(alice).getByRole('button', { name: 'Forward' }).click();
  await alice.page.getByRole('heading', { level: 2, name: 'Goal' }).waitFor();
  await said(alice, 'Read this.').getByText('Forwarded from Bob').waitFor();
  const edits = async (text: string) => {
    await act(alice, text);
    await said(alice, text).getByRole('button', { name: 'Withdraw' }).waitFor();
    return said(alice, text).getByRole('button', { name: 'Edit', exact: true }).count();
  };
  expect([await edits('My own.'), await edits('Read this.')]).toEqual([1, 0]);
});

test('[REV-15] what an edited message said before is shown to who wrote it, and to nobody who may not ask', async () => {
  const cid = await converse(running.product, 'Edits', [['bob', 'Forst text']]);
  const { url, headers } = as('bob');
  for (const text of ['Frist text', 'First text'])
    await must('PATCH', `${url}/${cid}/messages/1`, { headers, body: { body: { text } } });
  await send(cid, 'alice', { body: { text: 'Mine, once' } });
  const mine = as('alice');
  await must('PATCH', `${url}/${cid}/messages/2`, { headers: mine.headers, body: { body: { text: 'Mine, twice' } } });
  const [alice, bob] = [await visitAs('alice'), await visitAs('bob')];
  for (const chat of [alice, bob]) await chat.openConversation('Edits');
  await act(bob, 'First text', MORE, 'Earlier texts');
  await dialog(bob).getByRole('listitem').nth(1).waitFor();
  const [first, second] = await dialog(bob).getByRole('listitem').allTextContents();
  expect([first?.startsWith('Forst text'), second?.startsWith('Frist text')]).toEqual([true, true]);
  await closeDialog(bob);
  await act(bob, 'Mine, twice', MORE);
  await said(bob, 'Mine, twice').getByRole('button', { name: 'Copy link' }).waitFor();
  expect(await said(bob, 'Mine, twice').getByRole('button', { name: 'Earlier texts' }).count()).toBe(0);
  // Who governs the conversation may ask.
  await act(alice, 'First text', MORE, 'Earlier texts');
  await dialog(alice).getByText('Frist text').waitFor();
});

test('new replies in threads alone are told by no bar, and do not count beside others', async () => {
  const quiet = await converse(running.product, 'Replies', [['bob', 'root']]);
  const mixed = await converse(running.product, 'Mixed', [['bob', 'root']]);
  for (const cid of [quiet, mixed]) {
    const { url, headers } = as('alice');
    await must('PUT', `${url}/${cid}/read`, { headers, body: { pos: 1 } });
    await speak(
      running.product,
      cid,
      [
        ['bob', 'a reply'],
        ['bob', 'another'],
      ],
      { threadRoot: 1 },
    );
  }
  await speak(running.product, mixed, [['bob', 'for all']]);
  await converse(running.product, 'Opened first', [['bob', 'the newest conversation is open from the start']]);
  const alice = await visitAs('alice');
  await alice.openConversation('Replies');
  await timeline(alice).getByRole('button', { name: '2 replies' }).waitFor();
  expect(await alice.page.locator('.to-new').count()).toBe(0);
  await alice.openConversation('Mixed');
  await timeline(alice).getByText('New messages').waitFor();
});

import { join } from 'node:path';
import { waitUntil } from '@messagecore/dev-servers';
import type { HistoryPage } from '@messagecore/protocol/features';
import { must } from '@messagecore/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { range } from '../support/room.ts';
import { ChatPage } from './chat-page.ts';
import { wantsScreenshots } from './config.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';
import { IMAGES, saveSideBySide } from './side-by-side.ts';

const running = useProductInBrowser();

async function visit(user: string, options: Parameters<typeof ChatPage.open>[2] = {}): Promise<ChatPage> {
  const chat = await ChatPage.open(running.browser, `${running.product.state().web}/?user=${user}`, options);
  onTestFinished(() => {
    expect(chat.problems).toEqual([]);
    return chat.page.context().close();
  });
  await chat.online();
  return chat;
}

/** What the record holds, as the API tells it. */
async function recorded(cid: string): Promise<string[]> {
  const { api, apiKey } = running.product.state();
  const headers = { 'x-api-key': apiKey, 'x-on-behalf-of': 'ext:alice' };
  const page = await must<HistoryPage>('GET', `${api}/v1/conversations/${cid}/messages?limit=200`, { headers });
  return page.items.map(({ body }) => String(body['text']));
}

/** SIGKILL to the process of a gateway. */
function kill(gateway: string | undefined): void {
  const { gateways, pids } = running.product.state();
  const pid = pids.gateways[gateways.indexOf(gateway ?? '')];
  if (pid === undefined) throw new Error(`no process serves ${gateway}`);
  process.kill(pid, 'SIGKILL');
}

test('two people talk, see each other type and read, and go on through the death of a gateway', async () => {
  await converse(running.product, 'Weekend hike', [
    ['mei', '周六早上八点，北门集合？'],
    ['bob', 'Eight works. I bring the map.'],
  ]);
  await converse(running.product, 'Support', [['carol', 'The customer says it has never been this quick.']]);
  const cid = await converse(running.product, 'Release week', [
    ['alice', 'Morning! Did the new gateway go out?'],
    ['bob', 'Last night at eleven. I restarted both of them while people were chatting.'],
    ['alice', 'And nobody noticed?'],
  ]);
  const alice = await visit('alice', { colorScheme: 'light', deviceScaleFactor: 2 });
  const bob = await visit('bob', { colorScheme: 'dark', deviceScaleFactor: 2 });
  for (const chat of [alice, bob]) await chat.openConversation('Release week');

  await bob.say('Not one. A blink of a banner, and every message was there, in order, once.');
  await alice.shows('Not one. A blink of a banner, and every message was there, in order, once.');
  await bob.isMarked('Not one.', 'Read by Alice');
  await alice.field.pressSequentially('Then pull the');
  await bob.page.getByText('Alice is typing', { exact: true }).waitFor();

  const victim = await alice.gateway();
  kill(victim);
  await alice.page.getByText('Reconnecting…').waitFor();
  await alice.say('Then pull the plug on one right now');
  await bob.say('Gladly 🔌');
  await alice.say('Still here!');
  await alice.online();
  await bob.online();
  await bob.shows('Still here!');
  await alice.shows('Gladly 🔌');
  await alice.isMarked('Still here!', 'Read by Bob');
  await bob.isMarked('Gladly', 'Read by Alice');

  await bob.field.pressSequentially('I never');
  await alice.page.getByText('Bob is typing', { exact: true }).waitFor();
  if (wantsScreenshots()) await saveSideBySide(running.browser, [alice, bob], 'web-client.png');
  const expected = await recorded(cid);
  expect(expected.slice(3).toSorted()).toEqual(
    [
      'Not one. A blink of a banner, and every message was there, in order, once.',
      'Then pull the plug on one right now',
      'Gladly 🔌',
      'Still here!',
    ].toSorted(),
  );
  await waitUntil('both pages to show the record', async () =>
    [await alice.texts(), await bob.texts()].every((texts) => JSON.stringify(texts) === JSON.stringify(expected)),
  );
});

test('history comes in as one scrolls back, without a jump, and unread messages are counted', async () => {
  const count = 120;
  await converse(
    running.product,
    'Long story',
    range(1, count).map((n) => ['bob', `line ${n}`]),
  );
  await converse(running.product, 'Opened first', [['bob', 'the newest conversation is open from the start']]);
  const alice = await visit('alice');
  const entry = alice.page.getByRole('navigation').getByRole('button', { name: 'Long story' });
  await entry.getByText(`${count} unread messages`).waitFor();
  await alice.openConversation('Long story');
  await alice.shows(`line ${count}`);
  expect(await alice.texts()).toHaveLength(50);
  const timeline = alice.page.getByRole('region', { name: 'Messages in Long story' });
  await waitUntil('the first line', async () => {
    await timeline.press('Home');
    return (await alice.texts())[0] === 'line 1';
  });
  expect(await alice.texts()).toEqual(range(1, count).map((n) => `line ${n}`));
  await alice.page.getByRole('button', { name: 'Jump to the newest' }).click();
  await alice.page.getByText(`line ${count}`, { exact: true }).waitFor();
  await waitUntil('nothing unread', async () => (await entry.getByText('unread').count()) === 0);
});

test('what people write is only ever text', async () => {
  await converse(running.product, 'Odd things', [['bob', '<img src=x onerror="document.title=1">']]);
  const alice = await visit('alice');
  await alice.openConversation('Odd things');
  await alice.shows('<img src=x onerror="document.title=1">');
  await alice.say('<script>throw 1</script>\n** not bold ** &amp; \u202Ebackwards');
  await alice.field.fill('**bold** <img src=x onerror="document.title=1">');
  await alice.field.press('Enter');
  const marked = alice.page.locator('article .markdown');
  await marked.locator('strong').filter({ hasText: 'bold' }).waitFor();
  expect(await marked.textContent()).toBe('bold <img src=x onerror="document.title=1">');
  expect(await alice.texts()).toEqual([
    '<img src=x onerror="document.title=1">',
    '<script>throw 1</script>\n** not bold ** &amp; \u202Ebackwards',
  ]);
  expect(await alice.page.locator('article img, article script').count()).toBe(0);
});

test('on a phone, in Chinese and by keyboard', async () => {
  await converse(running.product, '午饭', [['bob', '今天吃什么？']]);
  const phone = {
    viewport: { width: 390, height: 760 },
    locale: 'zh-CN',
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
  } as const;
  const alice = await visit('alice', { ...phone, colorScheme: 'dark' });
  await alice.page.getByRole('navigation', { name: '会话' }).waitFor();
  expect(await alice.page.getByRole('main').isVisible()).toBe(false);
  await alice.page.getByRole('button', { name: '午饭' }).press('Enter');
  await alice.page.getByRole('heading', { level: 2, name: '午饭' }).waitFor();
  await alice.field.pressSequentially('面');
  await alice.field.press('Shift+Enter');
  await alice.field.pressSequentially('或者饺子');
  await alice.field.press('Enter');
  await alice.shows('面\n或者饺子');
  await alice.isMarked('面', '已送达');
  if (wantsScreenshots())
    await alice.page.screenshot({ path: join(IMAGES, 'web-client-phone.png'), animations: 'disabled' });
  await alice.page.getByRole('button', { name: '返回会话列表' }).click();
  await alice.page.getByRole('button', { name: 'English' }).click();
  await alice.page.getByRole('navigation', { name: 'Conversations' }).waitFor();
  expect(await alice.page.getAttribute('html', 'lang')).toBe('en');
});

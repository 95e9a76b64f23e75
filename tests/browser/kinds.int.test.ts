/** Messages of other kinds than plain text. */
import { waitUntil } from '@messagecore/dev-servers';
import { must, newMid } from '@messagecore/testkit';
import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { startHookServer } from '../support/hook-server.ts';
import { createPeople } from './people.ts';
import { converse } from './product.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visit } = createPeople(running);

function back() {
  const { api, apiKey } = running.product.state();
  const headers = { 'x-api-key': apiKey, 'x-on-behalf-of': 'ext:bob' };
  const send = (cid: string, kind: string, body: Record<string, unknown>) =>
    must<{ seq: number }>('POST', `${api}/v1/conversations/${cid}/messages`, {
      headers,
      body: { mid: newMid(), kind, body },
    });
  /** What was done with the cards of the one who sent them; the latest first. */
  const actions = async () => (await must<Actions>('GET', `${api}/v1/card-actions`, { headers })).items;
  return { api, headers, send, actions };
}

interface Actions {
  readonly items: readonly {
    readonly cid: string;
    readonly actionId: string;
    readonly inputs: Record<string, string>;
  }[];
}

test('a card is filled in and pressed; its owner answers, or nobody does', async () => {
  const cid = await converse(running.product, 'Orders', [['bob', 'A new order:']]);
  const { api, headers, send, actions } = back();
  await send(cid, 'card', {
    title: 'Order 17',
    text: 'Who delivers it?',
    fields: [{ name: 'To', value: 'Harbour Street 3' }],
    elements: [
      { type: 'input', id: 'note', label: 'Note' },
      { type: 'select', id: 'when', label: 'When', options: [{ value: 'am', label: 'Morning' }] },
      { type: 'button', id: 'take', label: 'I do', style: 'primary', submits: true },
    ],
  });
  const alice = await visit('?user=alice');
  await alice.online();
  await alice.openConversation('Orders');
  const card = alice.page.getByRole('article').filter({ hasText: 'Order 17' });
  await card.getByText('Harbour Street 3').waitFor();
  await card.getByLabel('Note').fill('by bicycle');
  await card.getByLabel('When').selectOption('Morning');
  // The owner has three seconds, which a busy machine may need for less.
  const sql = postgres(running.product.state().servers.postgres.url, { max: 1 });
  onTestFinished(() => sql.end());
  await sql`select 1`;
  await card.getByRole('button', { name: 'I do' }).click();
  let action: Actions['items'][number] | undefined;
  await waitUntil('the action', async () => {
    [action] = await actions();
    return action !== undefined;
  });
  expect(action?.inputs).toEqual({ note: 'by bicycle', when: 'am' });
  await sql`
    update card_actions set created_at = created_at + interval '1 hour' where action_id = ${action?.actionId ?? ''}`;
  const answer = { ok: true, text: 'It is yours, Alice.' };
  const path = `${api}/v1/conversations/${cid}/card-actions/${action?.actionId}/answer`;
  await must('POST', path, { headers, body: answer });
  await card.getByText('It is yours, Alice.').waitFor();
  await card.getByRole('button', { name: 'I do' }).click();
  await card.getByText('No answer came.').waitFor();
});

test('[CARD-4] a card that was replaced is filled in anew, from what it has', async () => {
  const cid = await converse(running.product, 'Survey', [['bob', 'Two questions:']]);
  const { api, headers, send, actions } = back();
  const { seq } = await send(cid, 'card', {
    title: 'Question 1',
    text: 'As **often** as you like',
    format: 'markdown',
    elements: [
      { type: 'input', id: 'first', label: 'Why?', multiline: true, required: true },
      { type: 'button', id: 'next', label: 'Next', submits: true },
    ],
  });
  const alice = await visit('?user=alice');
  await alice.online();
  await alice.openConversation('Survey');
  const card = alice.page.getByRole('article').filter({ hasText: 'Question' });
  await card.locator('strong').filter({ hasText: 'often' }).waitFor();
  // What is required is missing: nothing leaves the page.
  await card.getByRole('button', { name: 'Next' }).click();
  await card.getByLabel('Why?').fill('Because\nit rains');
  await card.getByRole('button', { name: 'Next' }).click();
  const latest = async () => (await actions()).find((each) => each.cid === cid)?.inputs ?? {};
  await waitUntil('the first action', async () => 'first' in (await latest()));
  expect(await latest()).toEqual({ first: 'Because\nit rains' });
  await waitUntil('the answer to it', async () => (await card.getByRole('status').textContent()) !== '');
  const second = {
    title: 'Question 2',
    elements: [
      { type: 'input', id: 'second', label: 'Since when?', value: 'Monday' },
      { type: 'button', id: 'next', label: 'Next', submits: true },
    ],
  };
  await must('PATCH', `${api}/v1/conversations/${cid}/messages/${seq}`, { headers, body: { body: second } });
  await card.getByText('Question 2').waitFor();
  expect(await card.getByLabel('Since when?').inputValue()).toBe('Monday');
  await card.getByRole('button', { name: 'Next' }).click();
  await waitUntil('the second action', async () => 'second' in (await latest()));
  expect(await latest()).toEqual({ second: 'Monday' });
});

test('Markdown is rendered, and nothing else of it; a place leads to a map', async () => {
  const cid = await converse(running.product, 'Notes', [['bob', 'Some *notes*:']]);
  const { send } = back();
  const text =
    '**Three** things:\n\n- `one`\n- [two](https://example.com/two)\n- <img src=x onerror="document.title=1">';
  await send(cid, 'text', { text, format: 'markdown' });
  await send(cid, 'location', { lat: 48.1, lng: 11.6, name: 'Garden' });
  const alice = await visit('?user=alice');
  await alice.online();
  await alice.openConversation('Notes');
  await alice.shows('Some *notes*:');
  const article = alice.page.getByRole('article').filter({ hasText: 'things:' });
  expect(await article.locator('strong').textContent()).toBe('Three');
  expect(await article.getByRole('listitem').allTextContents()).toEqual([
    'one',
    'two',
    '<img src=x onerror="document.title=1">',
  ]);
  expect(await article.getByRole('link').getAttribute('href')).toBe('https://example.com/two');
  expect(await article.locator('img').count()).toBe(0);
  const place = alice.page.getByRole('link', { name: 'Garden' });
  expect(await place.getAttribute('href')).toContain('mlat=48.1&mlon=11.6');
});

test('[KIND-3] what a person types with marks of Markdown is sent as Markdown', async () => {
  const cid = await converse(running.product, 'Schedule', [['bob', 'When?']]);
  const { api, headers } = back();
  const alice = await visit('?user=alice');
  await alice.online();
  await alice.openConversation('Schedule');
  await alice.field.fill('**Now**, 2 * 3 * 4');
  await alice.field.press('Enter');
  const article = alice.page.getByRole('article').filter({ hasText: 'Now, 2 * 3 * 4' });
  expect(await article.locator('strong').textContent()).toBe('Now');
  await alice.say('2 * 3 * 4 is plain');
  const path = `${api}/v1/conversations/${cid}/messages?after=1`;
  const { items } = await must<{ items: { body: unknown }[] }>('GET', path, { headers });
  expect(items.map(({ body }) => body)).toEqual([
    { text: '**Now**, 2 * 3 * 4', format: 'markdown' },
    { text: '2 * 3 * 4 is plain' },
  ]);
});

test('[TRANS-1] a message is translated where it stands by the server of the tenant, and the page says where there is none', async () => {
  const { api, apiKey } = running.product.state();
  await converse(running.product, 'Abroad', [['bob', 'Bis morgen am Hafen']]);
  const alice = await visit('?user=alice');
  await alice.online();
  await alice.openConversation('Abroad');
  const article = alice.page.getByRole('article').filter({ hasText: 'Bis morgen am Hafen' });
  await article.hover();
  await article.getByRole('button', { name: 'More to do with this message' }).click();
  const translate = article.getByRole('button', { name: 'Translate' });
  await translate.click();
  await article.getByText('Nobody translates here').waitFor();

  const hooks = await startHookServer();
  onTestFinished(() => hooks.stop());
  hooks.answer('/', ({ to }: { to: string }) => ({ body: { text: `At the harbour tomorrow (${to})`, from: 'de' } }));
  const headers = { 'x-api-key': apiKey };
  const endpoint = `${api}/v1/tenant/endpoints/translations`;
  await must('PUT', endpoint, { headers, body: { url: `http://127.0.0.1:${hooks.port}/` } });
  onTestFinished(async () => void (await must('DELETE', endpoint, { headers })));
  // Somebody may be set by now.
  await translate.click();
  const translation = article.getByRole('region', { name: 'English' });
  await translation.getByText('At the harbour tomorrow (en)').waitFor();
  await translation.getByRole('button', { name: 'Show original' }).click();
  await translation.waitFor({ state: 'detached' });
  expect(hooks.asked('/')).toHaveLength(1);
});

/** People of a tenant without a back end, each on a page of its own. */
import { waitUntil } from '@messagecore/dev-servers';
import { expect, onTestFinished } from 'vitest';
import { ChatPage } from './chat-page.ts';
import type { useProductInBrowser } from './running.ts';

export const PASSWORD = 'a password of the tests';

/** What is refused here on purpose, as browsers report it. */
const REFUSED = /status of 40[13]/;

export type OpenOptions = Parameters<typeof ChatPage.open>[2];

export function createPeople(running: ReturnType<typeof useProductInBrowser>) {
  async function visit(query = '', options: OpenOptions = {}): Promise<ChatPage> {
    const chat = await ChatPage.open(running.browser, `${running.product.state().web}/${query}`, options);
    onTestFinished(() => {
      expect(chat.problems.filter((problem) => !REFUSED.test(problem))).toEqual([]);
      return chat.page.context().close();
    });
    return chat;
  }

  /** The page of a person of the trial, connected; `hash` leads into it. */
  async function visitAs(user: string, options: OpenOptions = {}, hash = ''): Promise<ChatPage> {
    const chat = await visit(`?user=${user}${hash}`, options);
    await chat.online();
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
  async function signUp(name: string, options: OpenOptions = {}): Promise<ChatPage> {
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

  return { visit, visitAs, mailedLink, signUp };
}

export const closeDialog = ({ page }: ChatPage) => page.getByRole('button', { name: 'Close' }).click();
export const accept = ({ page }: ChatPage) => page.once('dialog', (dialog) => void dialog.accept());

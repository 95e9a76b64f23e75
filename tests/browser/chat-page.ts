import { waitUntil } from '@messagecore/dev-servers';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** Lost connections are what some tests are about; browsers report them as errors. */
const EXPECTED = /WebSocket connection to|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|net::ERR_/;

/** For each step, on a machine that is busy. */
const PATIENCE_MS = 60_000;

/** The web client as a person uses it: found by what it says and does, not by how it is made. */
export class ChatPage {
  readonly page: Page;
  /** What went wrong inside, such as a violated content policy. */
  readonly problems: string[] = [];
  /** Where pages of others are, whose problems are not ours. */
  readonly foreign: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      const isForeign = this.foreign.some((origin) => message.location().url.startsWith(origin));
      if (message.type() === 'error' && !isForeign && !EXPECTED.test(message.text()))
        this.problems.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<ChatPage> {
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1000, height: 700 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const chat = new ChatPage(await context.newPage());
    await chat.page.goto(url);
    return chat;
  }

  get field() {
    return this.page.getByRole('textbox');
  }

  /** Address of the gateway in use; undefined while there is none. */
  async gateway(): Promise<string | undefined> {
    const light = this.page.locator('.light');
    if ((await light.getAttribute('data-phase')) !== 'online') return undefined;
    return (await light.getAttribute('data-gateway')) ?? undefined;
  }

  async online(): Promise<void> {
    await waitUntil('the page to be online', async () => (await this.gateway()) !== undefined);
  }

  async openConversation(name: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('button', { name }).click();
    await this.page.getByRole('heading', { level: 2, name }).waitFor();
  }

  /** Sends, and waits for the echo. */
  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
    await this.page.getByRole('article').filter({ hasText: text }).first().waitFor();
  }

  /** The texts of all messages shown, from top to bottom. */
  texts(): Promise<string[]> {
    return this.page.locator('article > p[data-room]').allTextContents();
  }

  async shows(text: string): Promise<void> {
    await waitUntil(`"${text}" to be shown`, async () => (await this.texts()).includes(text));
  }

  /** How the sender is told what became of a message: `Sending`, `Sent`, `Read by …`. */
  mark(text: string): Promise<string | null> {
    return this.page.getByRole('article').filter({ hasText: text }).locator('.mark').getAttribute('aria-label');
  }

  async isMarked(text: string, mark: string): Promise<void> {
    await waitUntil(`"${text}" to be marked "${mark}"`, async () => (await this.mark(text)) === mark);
  }
}

/** The messages that the page holds of each conversation: its newest ones, and around one that was asked for. */
import { Backoff, systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { ChatError, type Client, type HistoryOptions, type HistoryPage } from '@messagecore/sdk';
import { messageAt } from './message-at.ts';
import type { ChatStore } from './store.ts';
import type { ThreadCalls } from './thread-calls.ts';
import { type Aim, EMPTY, holds, merge, type Timeline } from './timeline.ts';

const PAGE = 50;
const RETRY = { minMs: 500, maxMs: 8_000 };

export interface HistoryDeps {
  readonly client: Client;
  readonly store: ChatStore;
  readonly threads: ThreadCalls;
}

export class HistoryCalls {
  readonly #client: Client;
  readonly #store: ChatStore;
  readonly #threads: ThreadCalls;

  constructor({ client, store, threads }: HistoryDeps) {
    this.#client = client;
    this.#store = store;
    this.#threads = threads;
  }

  /** The newest page of a conversation that was opened. Never rejects: it is asked for again and again while it is open. */
  async begin(cid: string): Promise<void> {
    if (this.#store.get(cid)?.timeline.loaded === true) return this.#threads.list(cid);
    const backoff = new Backoff(RETRY);
    // Without the newest page nothing counts as read.
    while (!(await this.#loadNewest(cid)) && this.#store.state.open === cid) {
      await new Promise<void>((resolve) => systemClock.setTimeout(resolve, backoff.next()));
    }
  }

  /** One more page towards the beginning. Does nothing while one is on its way or when there is none. Never rejects. */
  async loadOlder(cid: string): Promise<void> {
    const shown = this.#shown(cid);
    const oldest = shown?.messages[0]?.seq;
    if (shown === undefined || shown.loadingOlder || oldest === undefined || oldest <= shown.first) return;
    const change = this.#changer(cid, oldest);
    change((timeline) => ({ ...timeline, loadingOlder: true }));
    const page = await this.#page(cid, { before: oldest });
    change((timeline) => ({
      ...(page === undefined ? timeline : { ...merge(timeline, page.items), first: page.first }),
      loadingOlder: false,
    }));
    this.#listThreads(cid, page?.items ?? []);
  }

  /** One more page of an excerpt towards the newest messages, until it meets them. Never rejects. */
  async loadNewer(cid: string): Promise<void> {
    const excerpt = this.#store.get(cid)?.excerpt;
    const newest = excerpt?.messages.at(-1)?.seq;
    if (excerpt === undefined || excerpt.loadingNewer === true || newest === undefined) return;
    const change = this.#changer(cid, newest);
    change((timeline) => ({ ...timeline, loadingNewer: true }));
    const page = await this.#page(cid, { after: newest });
    change((timeline) => ({ ...merge(timeline, page?.items ?? []), loadingNewer: false }));
    this.#join(cid);
    this.#listThreads(cid, page?.items ?? []);
  }

  /** Shows a message where it stands, with what was said around it. Rejects as the calls do, and with `not_found`. */
  async showMessage(cid: string, seq: number): Promise<void> {
    const message = await messageAt({ client: this.#client, store: this.#store }, cid, seq);
    if (message === undefined) throw new ChatError('not_found');
    if (message.threadRoot !== undefined) return this.#threads.show(cid, message.threadRoot, seq);
    await this.#reach(cid, { seq });
  }

  /** Shows where the messages begin that were new when the conversation was opened. Rejects as the call does. */
  async showNew(cid: string): Promise<void> {
    const newAfter = this.#store.get(cid)?.newAfter ?? Infinity;
    if (newAfter !== Infinity) await this.#reach(cid, { seq: newAfter + 1, line: true });
  }

  /** Shows the first message at or after a time; where there is none, the newest ones. Rejects as the call does. */
  async showTime(cid: string, at: number): Promise<void> {
    const { items } = await this.#client.conversation(cid).history({ at, limit: 1 });
    const first = items[0];
    if (first === undefined) this.showNewest(cid);
    else await this.#reach(cid, { seq: first.seq });
  }

  /** Back from an excerpt to the newest messages. */
  showNewest(cid: string): void {
    this.#store.change(cid, () => ({ excerpt: undefined, aim: undefined }));
  }

  /** What was aimed at is loaded, in the newest messages or in an excerpt. */
  async #reach(cid: string, aim: Aim): Promise<void> {
    const shown = this.#shown(cid);
    if (shown !== undefined && !holds(shown, aim.seq)) {
      const page = await this.#client.conversation(cid).history({ around: aim.seq, limit: PAGE });
      const excerpt: Timeline = { ...merge(EMPTY, page.items), loaded: true, first: page.first };
      this.#store.change(cid, ({ timeline }) => (holds(timeline, aim.seq) ? { excerpt: undefined } : { excerpt }));
      this.#join(cid);
      this.#listThreads(cid, page.items);
    }
    this.#store.change(cid, () => ({ aim }));
  }

  /** An excerpt that has met the newest messages is one with them. */
  #join(cid: string): void {
    this.#store.change(cid, ({ timeline, excerpt }) => {
      const [newest, oldest] = [excerpt?.messages.at(-1)?.seq ?? 0, timeline.messages[0]?.seq ?? Infinity];
      if (excerpt === undefined || newest + 1 < oldest) return {};
      return { timeline: { ...merge(timeline, excerpt.messages), first: excerpt.first }, excerpt: undefined };
    });
  }

  /** True when the page has come. */
  async #loadNewest(cid: string): Promise<boolean> {
    const page = await this.#page(cid, {});
    if (page === undefined) return false;
    this.#store.change(cid, ({ timeline, head }) => ({
      timeline: { ...merge(timeline, page.items), loaded: true, first: page.first },
      head: Math.max(head, page.head),
    }));
    this.#join(cid);
    this.#listThreads(cid, page.items);
    return true;
  }

  /** Of a page that has come. */
  #listThreads(cid: string, page: readonly Message[]): void {
    if (this.#store.get(cid)?.excerpt === undefined) void this.#threads.list(cid);
    else void this.#threads.listOf(cid, page);
  }

  /** Undefined when it did not come: scrolling, or opening the conversation again, asks again. */
  #page(cid: string, place: HistoryOptions): Promise<HistoryPage | undefined> {
    return this.#client
      .conversation(cid)
      .history({ ...place, limit: PAGE })
      .catch(() => undefined);
  }

  #shown(cid: string): Timeline | undefined {
    const conversation = this.#store.get(cid);
    return conversation?.excerpt ?? conversation?.timeline;
  }

  /** Changes what is shown now; an excerpt no more when another one, or none, has taken its place: without the message `seq`. */
  #changer(cid: string, seq: number): (change: (timeline: Timeline) => Timeline) => void {
    const isExcerpt = this.#store.get(cid)?.excerpt !== undefined;
    return (change) =>
      this.#store.change(cid, ({ timeline, excerpt }) => {
        if (!isExcerpt) return { timeline: change(timeline) };
        return excerpt !== undefined && holds(excerpt, seq) ? { excerpt: change(excerpt) } : {};
      });
  }
}

/** Threads as the page follows them: their counts, and the one that is open beside its conversation. */
import { Backoff, systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { ChatError, type Client, type Off, type Operations } from '@messagecore/sdk';
import { messageAt } from './message-at.ts';
import type { OpenThread } from './open-thread.ts';
import { allOf } from './pages-of.ts';
import { heldIn } from './state.ts';
import type { ChatStore } from './store.ts';
import { threadsOf, withListed, withThreadState, withTold } from './threads.ts';
import { applyUpdate, EMPTY, merge } from './timeline.ts';

const PAGE = 50;
const LIST_PAGE = 200;
/** So many pages at most are read to show one reply. */
const AIM_PAGES = 10;
const RETRY = { minMs: 500, maxMs: 8_000 };

export interface ThreadDeps {
  readonly client: Client;
  readonly me: string;
  readonly store: ChatStore;
}

export class ThreadCalls {
  readonly #client: Client;
  readonly #me: string;
  readonly #store: ChatStore;
  /** Threads of which it is being reported up to where they were read. */
  readonly #reporting = new Set<string>();

  constructor({ client, me, store }: ThreadDeps) {
    this.#client = client;
    this.#me = me;
    this.#store = store;
  }

  listen(): readonly Off[] {
    const client = this.#client;
    return [
      client.on('ready', () => this.#listAnew()),
      client.on('message', (message) => {
        if (message.threadRoot === undefined) return;
        this.#changeOpen(message.cid, message.threadRoot, (open) => ({ timeline: merge(open.timeline, [message]) }));
      }),
      client.on('update', (message) => this.changed(message)),
      client.on('conversation.thread', ({ cid, data }) => this.#setState(cid, data)),
      client.on('reset', ({ cid }) => {
        const { thread } = this.#store.state;
        if (thread?.cid === cid) this.show(cid, thread.seq);
      }),
    ];
  }

  /** Reads the threads of what is loaded and was not listed. Never rejects: the next page, or opening, asks again. */
  async list(cid: string): Promise<void> {
    const conversation = this.#store.get(cid);
    if (conversation?.timeline.loaded !== true) return;
    const { timeline, threads } = conversation;
    const { listedFrom } = threads;
    const from = timeline.messages[0]?.seq ?? timeline.first;
    if (from >= listedFrom) return;
    const range = { cid, limit: LIST_PAGE, from, ...(listedFrom !== Infinity && { to: listedFrom - 1 }) };
    try {
      const listed = await allOf((place) => this.#client.call('threads.list', { ...range, ...place }));
      this.#store.change(cid, ({ threads }) => ({ threads: withListed(threads, listed, from) }));
    } catch {
      // Asked again, as promised.
    }
  }

  /** Reads the threads of a part of the history that stands by itself. Never rejects: they show when they go on. */
  async listOf(cid: string, messages: readonly Message[]): Promise<void> {
    const [first, last] = [messages[0], messages.at(-1)];
    if (first === undefined || last === undefined) return;
    const range = { cid, limit: LIST_PAGE, from: first.seq, to: last.seq };
    const page = await this.#client.call('threads.list', range).catch(() => undefined);
    if (page === undefined) return;
    this.#store.change(cid, ({ threads }) => ({ threads: withListed(threads, page.items, Infinity) }));
  }

  /** Shows a thread beside its conversation, unless that was left; `aim` is the reply to show of it. */
  show(cid: string, seq: number, aim?: number): void {
    if (this.#store.state.open !== cid) return;
    const conversation = this.#store.get(cid);
    const root = conversation === undefined ? undefined : heldIn(conversation, seq);
    const begun = { timeline: EMPTY, hasOlder: false, newAfter: Infinity };
    const thread: OpenThread = { cid, seq, root, ...begun, ...(aim !== undefined && { aim: { seq: aim } }) };
    this.#store.set({ thread });
    void this.#load(thread);
  }

  close(): void {
    this.#store.set({ thread: undefined });
  }

  /** One more page of earlier replies. Rejects as the call does. */
  async loadOlder(cid: string, seq: number): Promise<void> {
    const before = this.#isOpen(cid, seq) ? this.#store.state.thread?.timeline.messages[0]?.seq : undefined;
    if (before === undefined) return;
    const { items, more } = await this.#client.call('threads.messages', { cid, seq, before, limit: PAGE });
    this.#changeOpen(cid, seq, ({ timeline }) => ({ timeline: merge(timeline, items), hasOlder: more }));
  }

  /** Rejects as the call does. */
  async follow(cid: string, seq: number, on: boolean): Promise<void> {
    this.#setState(cid, await this.#client.call(on ? 'threads.follow' : 'threads.unfollow', { cid, seq }));
  }

  /** The person sees the end of a thread. Whoever does not follow it has nothing to report. Never rejects: seeing it again reports again. */
  async seen(cid: string, seq: number): Promise<void> {
    const conversation = this.#store.get(cid);
    const thread = conversation === undefined ? undefined : threadsOf(conversation, this.#me).get(seq);
    const key = `${cid} ${seq}`;
    if (thread?.following !== true || thread.lastSeq === null || thread.readUpTo >= thread.lastSeq) return;
    if (this.#reporting.has(key)) return;
    this.#reporting.add(key);
    const state = await this.#client.call('threads.read', { cid, seq, pos: thread.lastSeq }).catch(() => undefined);
    this.#reporting.delete(key);
    if (state !== undefined) this.#setState(cid, state);
  }

  /** A message in its new state, for the open thread. */
  changed(message: Message): void {
    const { thread } = this.#store.state;
    if (thread?.cid !== message.cid) return;
    const { root, timeline } = thread;
    const isNewerRoot = root !== undefined && root.seq === message.seq && message.rev > root.rev;
    const changed = { root: isNewerRoot ? message : root, timeline: applyUpdate(timeline, message) };
    this.#changeOpen(message.cid, thread.seq, () => changed);
  }

  /** Events may have been missed while there was no connection. */
  #listAnew(): void {
    const { conversations, open } = this.#store.state;
    for (const { cid } of conversations.values())
      this.#store.change(cid, ({ threads }) => ({ threads: { ...threads, listedFrom: Infinity } }));
    if (open !== undefined) void this.list(open);
  }

  /** Again and again while it is open, unless it cannot be shown. */
  async #load({ cid, seq, root }: OpenThread): Promise<void> {
    const backoff = new Backoff(RETRY);
    while (this.#isOpen(cid, seq)) {
      try {
        await this.#loadOnce(cid, seq, root);
        return await this.#loadAim(cid, seq);
      } catch (error) {
        if (isFinal(error)) return this.#changeOpen(cid, seq, () => ({ error }));
        await new Promise<void>((resolve) => systemClock.setTimeout(resolve, backoff.next()));
      }
    }
  }

  async #loadOnce(cid: string, seq: number, held: Message | undefined): Promise<void> {
    const client = this.#client;
    const [told, page, root] = await Promise.all([
      client.call('threads.get', { cid, seq }),
      client.call('threads.messages', { cid, seq, limit: PAGE }),
      held ?? messageAt({ client, store: this.#store }, cid, seq),
    ]);
    this.#store.change(cid, ({ threads }) => ({ threads: withTold(threads, told) }));
    this.#changeOpen(cid, seq, (open) => ({
      root: open.root ?? root,
      timeline: { ...merge(open.timeline, page.items), loaded: true },
      hasOlder: page.more,
      newAfter: told.unread > 0 ? told.readUpTo : Infinity,
    }));
  }

  /** Earlier replies until the one is held that the thread was opened for, if that is not far. */
  async #loadAim(cid: string, seq: number): Promise<void> {
    for (let pages = 0; pages < AIM_PAGES && this.#lacksAim(cid, seq); pages++) await this.loadOlder(cid, seq);
    // Where it stands is known by now: it is brought into view again.
    this.#changeOpen(cid, seq, ({ aim }) => (aim === undefined ? {} : { aim: { ...aim } }));
  }

  #lacksAim(cid: string, seq: number): boolean {
    const { thread } = this.#store.state;
    if (thread === undefined || !this.#isOpen(cid, seq)) return false;
    return thread.hasOlder && (thread.aim?.seq ?? Infinity) < (thread.timeline.messages[0]?.seq ?? 0);
  }

  #setState(cid: string, state: Omit<Operations['threads.follow']['result'], 'cid'>): void {
    this.#store.change(cid, (known) => ({ threads: withThreadState(known, state, this.#me) }));
  }

  #isOpen(cid: string, seq: number): boolean {
    const { thread } = this.#store.state;
    return thread?.cid === cid && thread.seq === seq;
  }

  #changeOpen(cid: string, seq: number, change: (open: OpenThread) => Partial<OpenThread>): void {
    const { thread } = this.#store.state;
    if (thread !== undefined && this.#isOpen(cid, seq)) this.#store.set({ thread: { ...thread, ...change(thread) } });
  }
}

const isFinal = (error: unknown) =>
  error instanceof ChatError && ['not_found', 'not_member', 'forbidden', 'bad_request'].includes(error.code);

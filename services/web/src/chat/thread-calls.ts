/** Threads as the page follows them: their counts, and the one that is open beside its conversation. */
import { Backoff, systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { ChatError, type Client, type Off, type Operations } from '@messagecore/sdk';
import type { OpenThread } from './open-thread.ts';
import type { ChatStore } from './store.ts';
import { type Thread, threadsOf, withListed, withThreadState, withTold } from './threads.ts';
import { applyUpdate, EMPTY, merge } from './timeline.ts';

const PAGE = 50;
const LIST_PAGE = 200;
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
      client.on('update', (message) => this.#changed(message)),
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
      const listed: Thread[] = [];
      for (let cursor: string | undefined; ;) {
        const page = await this.#client.call('threads.list', { ...range, ...(cursor !== undefined && { cursor }) });
        listed.push(...page.items);
        if (page.next === null) break;
        cursor = page.next;
      }
      this.#store.change(cid, ({ threads }) => ({ threads: withListed(threads, listed, from) }));
    } catch {
      // Asked again, as promised.
    }
  }

  /** Shows a thread beside its conversation, which is open. */
  show(cid: string, seq: number): void {
    const root = this.#store.get(cid)?.timeline.messages.find((message) => message.seq === seq);
    const thread: OpenThread = { cid, seq, root, timeline: EMPTY, hasOlder: false, newAfter: Infinity };
    this.#store.set({ thread });
    void this.#load(thread);
  }

  close(): void {
    this.#store.set({ thread: undefined });
  }

  /** One more page of earlier replies. Rejects as the call does. */
  async loadOlder(cid: string, seq: number): Promise<void> {
    const before = this.#store.state.thread?.timeline.messages[0]?.seq;
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
  #changed(message: Message): void {
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
        return await this.#loadOnce(cid, seq, root);
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
      held ?? this.message(cid, seq),
    ]);
    this.#store.change(cid, ({ threads }) => ({ threads: withTold(threads, told) }));
    this.#changeOpen(cid, seq, (open) => ({
      root: open.root ?? root,
      timeline: { ...merge(open.timeline, page.items), loaded: true },
      hasOlder: page.more,
      newAfter: told.unread > 0 ? told.readUpTo : Infinity,
    }));
  }

  /** One message; undefined when there is none. Rejects as the call does. */
  async message(cid: string, seq: number): Promise<Message | undefined> {
    const held = this.#store.get(cid)?.timeline.messages.find((message) => message.seq === seq);
    if (held !== undefined) return held;
    const { items } = await this.#client.call('messages.list', { cid, before: seq + 1, limit: 1 });
    return items.find((message) => message.seq === seq);
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

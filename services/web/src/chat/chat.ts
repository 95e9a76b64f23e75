/**
 * The page's side of the SDK: turns what happens into a new state, and what the person does into calls.
 */
import { Backoff, systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import type { Conversation as ConversationInfo, Page, Participant } from '@messagecore/protocol/features';
import {
  ChatError,
  type Client,
  type ConversationEvents,
  type Off,
  type Operations,
  type SendOptions,
} from '@messagecore/sdk';
import { MessageCalls } from './message-calls.ts';
import { type ChatState, firstNewAfter, withReads } from './state.ts';
import { ChatStore } from './store.ts';
import { ThreadCalls } from './thread-calls.ts';
import { NO_THREADS } from './threads.ts';
import { addPending, applyUpdate, EMPTY, merge, type Pending } from './timeline.ts';

const PAGE = 50;
const LIST_PAGE = 30;
const RETRY = { minMs: 500, maxMs: 8_000 };

export class Chat {
  readonly me: string;
  /** For what the page does not keep, such as lists that a dialog shows. */
  readonly client: Client;
  readonly messages: MessageCalls;
  readonly threads: ThreadCalls;
  readonly #store: ChatStore;
  #offs: readonly Off[] = [];

  constructor(client: Client, me: string, myName?: string) {
    this.me = me;
    this.client = client;
    const state: ChatState = {
      connection: client.state,
      wasOnline: false,
      unsent: 0,
      conversations: new Map(),
      listed: false,
      open: undefined,
      thread: undefined,
      ownReactions: new Map(),
      names: new Map(),
      myName,
      invitations: [],
    };
    this.#store = new ChatStore(state, () => client.unsent);
    this.messages = new MessageCalls({ client, store: this.#store });
    this.threads = new ThreadCalls({ client, me, store: this.#store });
  }

  readonly subscribe = (listener: () => void): Off => this.#store.subscribe(listener);

  readonly snapshot = (): ChatState => this.#store.state;

  start(): void {
    this.#offs = [...this.#listen(), ...this.threads.listen()];
    this.client.connect();
  }

  stop(): void {
    for (const off of this.#offs) off();
    this.client.close();
  }

  /** The network or the page is back. */
  wake(): void {
    this.client.wake();
  }

  /** Reads the list of conversations and follows those in it from where it stands. Harmless to repeat; never rejects. */
  async refresh(): Promise<void> {
    try {
      for (let cursor: string | undefined; ;) {
        const page = await this.client.conversations({
          limit: LIST_PAGE,
          ...(cursor === undefined ? {} : { cursor }),
        });
        for (const info of page.items) this.#follow(info, cursor === undefined);
        if (page.next === null) break;
        cursor = page.next;
      }
      this.#store.set({ listed: true });
    } catch {
      // The next connection asks again.
    }
  }

  /** Reads what the person is called. Never rejects: the next connection asks again. */
  async refreshMe(): Promise<void> {
    const me = await this.client.call('users.me').catch(() => undefined);
    if (me !== undefined)
      this.#store.set({ myName: me.displayName, names: new Map(this.#store.state.names).set(this.me, me.displayName) });
  }

  /** Reads the invitations that wait for an answer: the newest page of them. Never rejects: the next connection asks again. */
  async refreshInvitations(): Promise<void> {
    const page = await this.client.call('invitations.mine').catch(() => undefined);
    if (page !== undefined) this.#store.set({ invitations: page.items });
  }

  /** A thread beside its conversation, wherever one is. Rejects as the calls do. */
  async openThread(cid: string, seq: number): Promise<void> {
    if (this.#store.state.open !== cid) await this.openNew(cid);
    this.threads.show(cid, seq);
  }

  /** A conversation that was just created or joined: it is listed, and opened. Rejects as the list does. */
  async openNew(cid: string): Promise<void> {
    if (!this.#store.state.conversations.has(cid))
      this.#follow(await this.client.call('conversations.get', { cid }), true);
    this.open(cid);
  }

  /** Rejects as the call does. */
  async changeSettings(cid: string, change: Omit<Operations['settings.update']['args'], 'cid'>): Promise<void> {
    const settings = await this.client.call('settings.update', { cid, ...change });
    this.#store.change(cid, ({ info }) => ({ info: { ...info, settings } }));
  }

  /** Rejects as the call does. */
  async changeRoom(cid: string, change: Omit<Operations['conversations.update']['args'], 'cid'>): Promise<void> {
    const info = await this.client.call('conversations.update', { cid, ...change });
    this.#store.change(cid, () => ({ info }));
  }

  #listen(): readonly Off[] {
    const client = this.client;
    return [
      client.on('state', (connection) => {
        this.#store.set({ connection, wasOnline: this.#store.state.wasOnline || connection.phase === 'online' });
      }),
      client.on('ready', () => {
        void this.refresh();
        void this.refreshMe();
        void this.refreshInvitations();
      }),
      client.on('conversation.settings', ({ cid, data: settings }) => {
        if (cid !== undefined) this.#store.change(cid, ({ info }) => ({ info: { ...info, settings } }));
      }),
      client.on('message', (message) => this.#onMessage(message)),
      client.on('update', (message) => {
        this.#store.change(message.cid, ({ timeline, last }) => ({
          timeline: applyUpdate(timeline, message),
          last: last?.seq === message.seq ? message : last,
        }));
      }),
      client.on('joined', ({ cid, head, reads }) => {
        this.#store.change(cid, (known) => ({ head, reads: withReads(known.reads, Object.entries(reads ?? {})) }));
      }),
      client.on('read', ({ cid, from, pos }) => {
        this.#store.change(cid, (known) => ({ reads: withReads(known.reads, [[from, pos]]) }));
      }),
      client.on('typing', ({ cid, from, on }) => this.#onTyping(cid, from, on)),
      client.on('conv', (event) => this.#onConversation(event)),
      client.on('reset', ({ cid }) => {
        this.#store.change(cid, ({ timeline }) => ({
          timeline: { ...EMPTY, pending: timeline.pending },
          threads: NO_THREADS,
        }));
        if (this.#store.state.open === cid) void this.#loadNewest(cid);
      }),
    ];
  }

  open(cid: string | undefined): void {
    const conversation = cid === undefined ? undefined : this.#store.get(cid);
    this.#store.set({ open: conversation?.cid, thread: undefined });
    if (conversation === undefined) return;
    this.#store.change(conversation.cid, (known) => ({ newAfter: firstNewAfter(known, this.me) }));
    if (conversation.timeline.loaded) void this.threads.list(conversation.cid);
    else void this.#loadNewest(conversation.cid);
    if (conversation.members.length === 0) void this.#loadMembers(conversation.cid);
  }

  /** The person sees the end of the conversation. */
  seen(cid: string): void {
    const conversation = this.#store.get(cid);
    if (conversation === undefined || conversation.head === 0) return;
    this.client.conversation(cid).read(conversation.head);
    this.#store.change(cid, ({ reads, head }) => ({ reads: withReads(reads, [[this.me, head]]) }));
  }

  typing(cid: string, on: boolean): void {
    this.client.conversation(cid).typing(on);
  }

  /** Shows the text at once and sends it, now or when there is a connection again: into the thread of `threadRoot`. */
  send(cid: string, text: string, options: Pick<SendOptions, 'mid' | 'threadRoot'> = {}): void {
    const { threadRoot } = options;
    const pending = { text, at: systemClock.now(), ...(threadRoot !== undefined && { threadRoot }) };
    const conversation = this.client.conversation(cid);
    try {
      const { mid, delivered } = conversation.send({ text }, options);
      this.#store.change(cid, ({ timeline }) => ({ timeline: addPending(timeline, { ...pending, mid }) }));
      delivered.catch((error: unknown) => this.#failed(cid, { ...pending, mid }, error));
    } catch (error) {
      this.#failed(cid, { ...pending, mid: options.mid ?? `unsent ${pending.at}` }, error);
    }
    conversation.typing(false);
  }

  /** Once more what was refused. */
  resend(cid: string, { text, mid, threadRoot }: Pending): void {
    this.send(cid, text, { mid, ...(threadRoot !== undefined && { threadRoot }) });
  }

  /** One more page towards the beginning. Does nothing while one is on its way or when there is none. */
  async loadOlder(cid: string): Promise<void> {
    const timeline = this.#store.get(cid)?.timeline;
    const oldest = timeline?.messages[0]?.seq;
    if (timeline === undefined || timeline.loadingOlder || oldest === undefined || oldest <= timeline.first) return;
    this.#store.change(cid, (known) => ({ timeline: { ...known.timeline, loadingOlder: true } }));
    await this.#load(cid, { before: oldest, limit: PAGE });
  }

  /** Again and again while the conversation is open: without its newest page nothing counts as read. */
  async #loadNewest(cid: string): Promise<void> {
    const backoff = new Backoff(RETRY);
    while (!(await this.#load(cid, { limit: PAGE })) && this.#store.state.open === cid) {
      await new Promise<void>((resolve) => systemClock.setTimeout(resolve, backoff.next()));
    }
  }

  /** True when the page has come. */
  async #load(cid: string, query: { before?: number; limit: number }): Promise<boolean> {
    try {
      const page = await this.client.conversation(cid).history(query);
      this.#store.change(cid, ({ timeline, head }) => ({
        timeline: { ...merge(timeline, page.items), loaded: true, loadingOlder: false, first: page.first },
        head: Math.max(head, page.head),
      }));
      void this.threads.list(cid);
      return true;
    } catch {
      // Scrolling, or opening it again, asks again.
      this.#store.change(cid, ({ timeline }) => ({ timeline: { ...timeline, loadingOlder: false } }));
      return false;
    }
  }

  /** Joins from the list's own position, so that nothing falls between the list and the live messages. */
  #follow(info: ConversationInfo, isOnTop: boolean): void {
    const known = this.#store.get(info.cid);
    const { cid, head, rev, epoch } = info;
    const last = info.lastMessage ?? undefined;
    if (known === undefined) {
      this.#store.put({
        cid,
        info,
        head,
        last,
        members: [],
        reads: new Map([[this.me, info.readPos ?? 0]]),
        typing: new Set(),
        timeline: EMPTY,
        threads: NO_THREADS,
        newAfter: Infinity,
      });
      this.client.join(cid, { since: head, rev, epoch });
      if (isOnTop) void this.#loadMembers(cid);
    } else this.#store.put({ ...known, info });
  }

  /** Opening the conversation, and the next message of somebody without a name, ask again. */
  async #loadMembers(cid: string): Promise<void> {
    const query = { limit: 200 };
    const path = `/v1/conversations/${cid}/participants`;
    const page = await this.client.rest.request<Page<Participant>>('GET', path, { query }).catch(() => undefined);
    if (page === undefined) return;
    const names = new Map(this.#store.state.names);
    for (const { userId, displayName } of page.items) names.set(userId, displayName);
    this.#store.set({ names });
    this.#store.change(cid, ({ reads }) => ({
      members: page.items.map(({ userId }) => userId),
      reads: withReads(
        reads,
        page.items.map(({ userId, readPos }) => [userId, readPos]),
      ),
    }));
  }

  #onMessage(message: Message): void {
    const { cid, seq, from } = message;
    this.#store.change(cid, ({ head, timeline, typing }) => ({
      head: Math.max(head, seq),
      last: message,
      timeline: merge(timeline, [message]),
      typing: new Set([...typing].filter((user) => user !== from)),
    }));
    if (message.kind === 'sys' || !this.#store.state.names.has(from)) void this.#loadMembers(cid);
  }

  #onConversation({ cid, event, users }: ConversationEvents['conv']): void {
    if (event === 'invited' || event === 'uninvited') return void this.refreshInvitations();
    if (event === 'requested' || event === 'unrequested') return;
    if (event === 'deleted' || (event === 'removed' && users?.includes(this.me) === true)) {
      return this.#store.remove(cid);
    }
    if (this.#store.state.conversations.has(cid)) void this.#loadMembers(cid);
    void this.refresh();
  }

  #onTyping(cid: string, from: string, on: boolean): void {
    if (from === this.me) return;
    this.#store.change(cid, ({ typing }) => {
      const others = [...typing].filter((user) => user !== from);
      return { typing: new Set(on ? [...others, from] : others) };
    });
  }

  #failed(cid: string, pending: Pending, error: unknown): void {
    const why = error instanceof ChatError ? error.message : String(error);
    this.#store.change(cid, ({ timeline }) => ({ timeline: addPending(timeline, { ...pending, error: why }) }));
  }
}

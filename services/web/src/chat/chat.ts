/**
 * The page's side of the SDK: turns what happens into a new state, and what the person does into calls. Listeners hear of
 * changes at most once a frame, so a burst of messages is one rendering.
 */
import { Backoff, systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import type { Conversation as ConversationInfo, Page, Participant } from '@messagecore/protocol/features';
import { ChatError, type Client, type ConversationEvents, type Off } from '@messagecore/sdk';
import { type ChatState, type ConversationState, unreadOf } from './state.ts';
import { addPending, applyUpdate, EMPTY, merge } from './timeline.ts';

const PAGE = 50;
const LIST_PAGE = 30;
const FRAME_MS = 16;
const RETRY = { minMs: 500, maxMs: 8_000 };

export class Chat {
  readonly me: string;
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  #offs: readonly Off[] = [];
  #state: ChatState;
  #announcing = false;

  constructor(client: Client, me: string) {
    this.me = me;
    this.#client = client;
    this.#state = {
      connection: client.state,
      wasOnline: false,
      unsent: 0,
      conversations: new Map(),
      listed: false,
      open: undefined,
      names: new Map(),
    };
  }

  readonly subscribe = (listener: () => void): Off => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): ChatState => this.#state;

  start(): void {
    this.#offs = this.#listen();
    this.#client.connect();
  }

  stop(): void {
    for (const off of this.#offs) off();
    this.#client.close();
  }

  /** The network or the page is back. */
  wake(): void {
    this.#client.wake();
  }

  /** Reads the list of conversations and follows those in it from where it stands. Harmless to repeat; never rejects. */
  async refresh(): Promise<void> {
    try {
      for (let cursor: string | undefined; ;) {
        const page = await this.#client.conversations({
          limit: LIST_PAGE,
          ...(cursor === undefined ? {} : { cursor }),
        });
        for (const info of page.items) this.#follow(info, cursor === undefined);
        if (page.next === null) break;
        cursor = page.next;
      }
      this.#set({ listed: true });
    } catch {
      // The next connection asks again.
    }
  }

  #listen(): readonly Off[] {
    const client = this.#client;
    return [
      client.on('state', (connection) => {
        this.#set({ connection, wasOnline: this.#state.wasOnline || connection.phase === 'online' });
      }),
      client.on('ready', () => void this.refresh()),
      client.on('message', (message) => this.#onMessage(message)),
      client.on('update', (message) => {
        this.#change(message.cid, ({ timeline, last }) => ({
          timeline: applyUpdate(timeline, message),
          last: last?.seq === message.seq ? message : last,
        }));
      }),
      client.on('joined', ({ cid, head, reads }) => {
        this.#change(cid, (known) => ({ head, reads: withReads(known.reads, Object.entries(reads ?? {})) }));
      }),
      client.on('read', ({ cid, from, pos }) => {
        this.#change(cid, (known) => ({ reads: withReads(known.reads, [[from, pos]]) }));
      }),
      client.on('typing', ({ cid, from, on }) => this.#onTyping(cid, from, on)),
      client.on('conv', (event) => this.#onConversation(event)),
      client.on('reset', ({ cid }) => {
        this.#change(cid, ({ timeline }) => ({ timeline: { ...EMPTY, pending: timeline.pending } }));
        if (this.#state.open === cid) void this.#loadNewest(cid);
      }),
    ];
  }

  open(cid: string | undefined): void {
    const conversation = cid === undefined ? undefined : this.#state.conversations.get(cid);
    this.#set({ open: conversation?.cid });
    if (conversation === undefined) return;
    this.#change(conversation.cid, (known) => ({ newAfter: firstNewAfter(known, this.me) }));
    if (!conversation.timeline.loaded) void this.#loadNewest(conversation.cid);
    if (conversation.members.length === 0) void this.#loadMembers(conversation.cid);
  }

  /** The person sees the end of the conversation. */
  seen(cid: string): void {
    const conversation = this.#state.conversations.get(cid);
    if (conversation === undefined || conversation.head === 0) return;
    this.#client.conversation(cid).read(conversation.head);
    this.#change(cid, ({ reads, head }) => ({ reads: withReads(reads, [[this.me, head]]) }));
  }

  typing(cid: string, on: boolean): void {
    this.#client.conversation(cid).typing(on);
  }

  /** Shows the text at once and sends it, now or when there is a connection again. */
  send(cid: string, text: string, mid?: string): void {
    const at = systemClock.now();
    const conversation = this.#client.conversation(cid);
    try {
      const sending = conversation.send({ text }, mid === undefined ? {} : { mid });
      this.#change(cid, ({ timeline }) => ({ timeline: addPending(timeline, { mid: sending.mid, text, at }) }));
      sending.delivered.catch((error: unknown) => this.#failed(cid, { mid: sending.mid, text, at }, error));
    } catch (error) {
      this.#failed(cid, { mid: mid ?? `unsent ${at}`, text, at }, error);
    }
    conversation.typing(false);
  }

  /** One more page towards the beginning. Does nothing while one is on its way or when there is none. */
  async loadOlder(cid: string): Promise<void> {
    const timeline = this.#state.conversations.get(cid)?.timeline;
    const oldest = timeline?.messages[0]?.seq;
    if (timeline === undefined || timeline.loadingOlder || oldest === undefined || oldest <= timeline.first) return;
    this.#change(cid, (known) => ({ timeline: { ...known.timeline, loadingOlder: true } }));
    await this.#load(cid, { before: oldest, limit: PAGE });
  }

  /** Again and again while the conversation is open: without its newest page nothing counts as read. */
  async #loadNewest(cid: string): Promise<void> {
    const backoff = new Backoff(RETRY);
    while (!(await this.#load(cid, { limit: PAGE })) && this.#state.open === cid) {
      await new Promise<void>((resolve) => systemClock.setTimeout(resolve, backoff.next()));
    }
  }

  /** True when the page has come. */
  async #load(cid: string, query: { before?: number; limit: number }): Promise<boolean> {
    try {
      const page = await this.#client.conversation(cid).history(query);
      this.#change(cid, ({ timeline, head }) => ({
        timeline: { ...merge(timeline, page.items), loaded: true, loadingOlder: false, first: page.first },
        head: Math.max(head, page.head),
      }));
      return true;
    } catch {
      // Scrolling, or opening it again, asks again.
      this.#change(cid, ({ timeline }) => ({ timeline: { ...timeline, loadingOlder: false } }));
      return false;
    }
  }

  /** Joins from the list's own position, so that nothing falls between the list and the live messages. */
  #follow(info: ConversationInfo, isOnTop: boolean): void {
    const known = this.#state.conversations.get(info.cid);
    const { cid, kind, name, peer, head, rev, epoch, createdAt } = info;
    const last = info.lastMessage ?? undefined;
    if (known === undefined) {
      this.#put({
        cid,
        kind,
        name,
        peer,
        head,
        createdAt,
        last,
        members: [],
        reads: new Map([[this.me, info.readPos ?? 0]]),
        typing: new Set(),
        timeline: EMPTY,
        newAfter: Infinity,
      });
      this.#client.join(cid, { since: head, rev, epoch });
      if (isOnTop) void this.#loadMembers(cid);
    } else this.#put({ ...known, kind, name, peer });
  }

  async #loadMembers(cid: string): Promise<void> {
    const query = { limit: 200 };
    const path = `/v1/conversations/${cid}/participants`;
    const page = await this.#client.rest.request<Page<Participant>>('GET', path, { query }).catch(() => undefined);
    if (page === undefined) return;
    const names = new Map(this.#state.names);
    for (const { userId, displayName } of page.items) names.set(userId, displayName);
    this.#set({ names });
    this.#change(cid, ({ reads }) => ({
      members: page.items.map(({ userId }) => userId),
      reads: withReads(
        reads,
        page.items.map(({ userId, readPos }) => [userId, readPos]),
      ),
    }));
  }

  #onMessage(message: Message): void {
    const { cid, seq, from } = message;
    this.#change(cid, ({ head, timeline, typing }) => ({
      head: Math.max(head, seq),
      last: message,
      timeline: merge(timeline, [message]),
      typing: new Set([...typing].filter((user) => user !== from)),
    }));
    if (message.kind === 'sys' || !this.#state.names.has(from)) void this.#loadMembers(cid);
  }

  #onConversation({ cid, event, users }: ConversationEvents['conv']): void {
    if (event === 'deleted' || (event === 'removed' && users?.includes(this.me) === true)) {
      const conversations = new Map(this.#state.conversations);
      conversations.delete(cid);
      this.#set({ conversations });
      return;
    }
    if (this.#state.conversations.has(cid)) void this.#loadMembers(cid);
    void this.refresh();
  }

  #onTyping(cid: string, from: string, on: boolean): void {
    if (from === this.me) return;
    this.#change(cid, ({ typing }) => {
      const others = [...typing].filter((user) => user !== from);
      return { typing: new Set(on ? [...others, from] : others) };
    });
  }

  #failed(cid: string, pending: { mid: string; text: string; at: number }, error: unknown): void {
    const why = error instanceof ChatError ? error.message : String(error);
    this.#change(cid, ({ timeline }) => ({ timeline: addPending(timeline, { ...pending, error: why }) }));
  }

  #change(cid: string, change: (known: ConversationState) => Partial<ConversationState>): void {
    const known = this.#state.conversations.get(cid);
    if (known !== undefined) this.#put({ ...known, ...change(known) });
  }

  #put(conversation: ConversationState): void {
    this.#set({ conversations: new Map(this.#state.conversations).set(conversation.cid, conversation) });
  }

  #set(change: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...change, unsent: this.#client.unsent };
    if (this.#announcing) return;
    this.#announcing = true;
    systemClock.setTimeout(() => {
      this.#announcing = false;
      for (const listener of this.#listeners) listener();
    }, FRAME_MS);
  }
}

/** What was unread when a conversation is opened is new; what comes while one looks is not. */
function firstNewAfter(conversation: ConversationState, me: string): number {
  return unreadOf(conversation, me) > 0 ? (conversation.reads.get(me) ?? 0) : Infinity;
}

/** Positions only move forward. */
function withReads(
  known: ReadonlyMap<string, number>,
  news: readonly (readonly [user: string, pos: number])[],
): ReadonlyMap<string, number> {
  const moved = news.filter(([user, pos]) => pos > (known.get(user) ?? -1));
  return moved.length === 0 ? known : new Map([...known, ...moved]);
}

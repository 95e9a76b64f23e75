/**
 * The signed-in user's conversations, the most recently active first, kept right by what the client is told: of joined ones by
 * their messages, of all others by `inbox` events, so that nothing need be joined for the list alone.
 */
import type { Client } from './client.ts';
import { Emitter, type Listener, type Off } from './emitter.ts';
import type { ConversationInfo, DownFrameOf } from './wire.ts';

/** A conversation in the list. */
export interface ListedConversation extends ConversationInfo {
  /** Beginning of the newest message, where `lastMessage` is an older one. */
  readonly preview?: string | undefined;
}

interface ListEvents {
  /** The whole list, as it is now. */
  change: readonly ListedConversation[];
}

/** Conversations that are read at a time. */
const PAGE = 50;

/** For a client that was made with `inbox: true`. The list begins with the first page; `more` adds the next. */
export class ConversationList {
  readonly #client: Client;
  readonly #events = new Emitter<ListEvents>();
  readonly #offs: readonly Off[];
  readonly #asked = new Set<string>();
  #items: readonly ListedConversation[] = [];
  /** Where the next page begins; null when there is none. */
  #next: string | null | undefined;

  constructor(client: Client) {
    this.#client = client;
    this.#offs = [
      client.on('ready', () => void this.refresh().catch(() => {})),
      client.on('inbox', (frame) => this.#onInbox(frame)),
      client.on('message', (message) => this.#onMessage(message)),
      client.on('update', (message) => {
        const { cid, seq } = message;
        if (this.#get(cid)?.lastMessage?.seq === seq) this.#put(cid, { lastMessage: { ...message, t: 'message' } });
      }),
      client.on('read', ({ cid, pos, from }) => {
        if (from === client.userId) this.#onRead(cid, pos);
      }),
      client.on('conv', (frame) => this.#onConversation(frame)),
    ];
    if (client.state.phase === 'online') void this.refresh().catch(() => {});
  }

  get items(): readonly ListedConversation[] {
    return this.#items;
  }

  /** Whether there is a page that was not read. */
  get hasMore(): boolean {
    return this.#next !== null;
  }

  on(name: 'change', listener: Listener<ListEvents['change']>): Off {
    return this.#events.on(name, listener);
  }

  /** Reads as many as there are in the list, a page at least. What was told meanwhile stays. @throws ChatError */
  async refresh(): Promise<void> {
    const count = this.#items.length;
    let cursor: string | null | undefined;
    const read: ConversationInfo[] = [];
    do {
      const page = await this.#client.conversations({ limit: PAGE, ...(cursor && { cursor }) });
      read.push(...page.items);
      cursor = page.next;
    } while (cursor !== null && read.length < count);
    this.#next = cursor;
    this.#set(read.map((item) => this.#newer(item)));
  }

  /** Reads the next page. @throws ChatError */
  async more(): Promise<void> {
    if (this.#next === null) return;
    const page = await this.#client.conversations({ limit: PAGE, ...(this.#next && { cursor: this.#next }) });
    this.#next = page.next;
    this.#set([...this.#items, ...page.items.filter(({ cid }) => this.#get(cid) === undefined)]);
  }

  /** Ends it: the list stays as it is. */
  close(): void {
    for (const off of this.#offs) off();
  }

  #onInbox({ cid, head, unread, preview }: DownFrameOf<'inbox'>): void {
    const known = this.#get(cid);
    if (known === undefined) return void this.#read(cid);
    if (head >= known.head) this.#put(cid, { head, unread, preview }, head > known.head);
  }

  #onMessage(message: DownFrameOf<'message'>): void {
    const { cid, seq, from, kind } = message;
    const known = this.#get(cid);
    if (known === undefined) return void this.#read(cid);
    if (seq <= known.head) return;
    const counts = from !== this.#client.userId && kind !== 'sys' ? 1 : 0;
    const unread = (known.unread ?? 0) + counts;
    this.#put(cid, { head: seq, unread, lastMessage: message, preview: undefined }, true);
  }

  #onRead(cid: string, pos: number): void {
    const known = this.#get(cid);
    if (known === undefined || pos <= (known.readPos ?? 0)) return;
    this.#put(cid, { readPos: pos, unread: Math.min(known.unread ?? 0, Math.max(0, known.head - pos)) });
  }

  #onConversation({ cid, event, users }: DownFrameOf<'conv'>): void {
    const { userId = '' } = this.#client;
    const isGone = event === 'deleted' || (event === 'removed' && users?.includes(userId) === true);
    if (isGone) this.#set(this.#items.filter((item) => item.cid !== cid));
    else if (event === 'added' || event === 'created' || event === 'changed') void this.#read(cid);
  }

  /** One conversation anew; a failure is made up for by the next news of it. */
  async #read(cid: string): Promise<void> {
    if (this.#asked.has(cid)) return;
    this.#asked.add(cid);
    try {
      const item = await this.#client.rest.request<ConversationInfo>('GET', `/v1/conversations/${cid}`);
      const isNew = this.#get(cid) === undefined;
      if (isNew) this.#set([item, ...this.#items]);
      else this.#put(cid, this.#newer(item));
    } catch {
      // It is gone, or the server does not answer now.
    } finally {
      this.#asked.delete(cid);
    }
  }

  /** What was read, unless something newer was told of it meanwhile. */
  #newer(item: ConversationInfo): ListedConversation {
    const known = this.#get(item.cid);
    if (known === undefined || known.head <= item.head) return item;
    const { head, unread, lastMessage, preview } = known;
    return { ...item, head, unread, lastMessage, preview };
  }

  #get(cid: string): ListedConversation | undefined {
    return this.#items.find((item) => item.cid === cid);
  }

  /** In its place, or in front of all others. */
  #put(cid: string, change: Partial<ListedConversation>, inFront = false): void {
    const known = this.#get(cid);
    if (known === undefined) return;
    const item = { ...known, ...change };
    if (inFront) this.#set([item, ...this.#items.filter((other) => other !== known)]);
    else this.#set(this.#items.map((other) => (other === known ? item : other)));
  }

  #set(items: readonly ListedConversation[]): void {
    this.#items = items;
    this.#events.emit('change', items);
  }
}

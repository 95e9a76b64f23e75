/**
 * The signed-in user's conversations as the server lists them: pinned ones first, then the most recently active, without what
 * is hidden. It is kept right by what the client is told: of joined ones by their messages, of all others by `inbox` events, so
 * that nothing need be joined for the list alone. Of what stands behind its last page nothing is listed before `more` reads it.
 */
import type { Client } from './client.ts';
import { ChatError } from '@messagecore/protocol/constants';
import { Emitter, type Listener, type Off } from './emitter.ts';
import { OwnGroups } from './own-groups.ts';
import type { DownFrameOf, Message } from './wire.ts';
import type { ConversationInfo, ConversationSettings } from './conversation-info.ts';

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
/** What no read has: it is read once more. */
const NEWER = Infinity;
/** Events about users that change what a conversation is to them. */
const CHANGES_ONE: ReadonlySet<string> = new Set(['role', 'muted']);

/**
 * For a client that was made with `inbox: true`. The list begins with the first page; `more` adds the next. Settings that this
 * client itself changes are listed after `refresh`.
 */
export class ConversationList {
  readonly #client: Client;
  readonly #events = new Emitter<ListEvents>();
  readonly #groups: OwnGroups;
  readonly #offs: readonly Off[];
  /** The conversations that are being read, each with the head that it is to have. */
  readonly #asked = new Map<string, number>();
  /** Up to which message the count of mentions is the server's. */
  readonly #countedTo = new Map<string, number>();
  /** When there was a message last, or the conversation was made. */
  readonly #activeAt = new Map<string, number>();
  /** Hidden ones that messages before this time do not show. */
  readonly #silentUntil = new Map<string, number>();
  #items: readonly ListedConversation[] = [];
  /** Where the next page begins; null when there is none. */
  #next: string | null | undefined;

  constructor(client: Client) {
    this.#client = client;
    this.#groups = new OwnGroups(client);
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
      client.on('conversation.settings', ({ cid, data }) => this.#onSettings(cid, data)),
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
    const before = new Set(this.#items.map(({ cid }) => cid));
    let cursor: string | null | undefined;
    const read = new Map<string, ConversationInfo>();
    do {
      const page = await this.#client.conversations({ limit: PAGE, ...(cursor && { cursor }) });
      for (const item of page.items) read.set(item.cid, item);
      cursor = page.next;
    } while (cursor !== null && read.size < before.size);
    this.#next = cursor;
    const meanwhile = this.#items.filter(({ cid }) => !before.has(cid) && !read.has(cid));
    this.#set([...meanwhile, ...[...read.values()].map((item) => this.#newer(item))]);
  }

  /** Reads the next page. @throws ChatError */
  async more(): Promise<void> {
    if (this.#next === null) return;
    const page = await this.#client.conversations({ limit: PAGE, ...(this.#next && { cursor: this.#next }) });
    this.#next = page.next;
    const others = page.items.filter(({ cid }) => this.#get(cid) === undefined);
    this.#set([...this.#items, ...others.map((item) => this.#newer(item))]);
  }

  /** Ends it: the list stays as it is. */
  close(): void {
    for (const off of this.#offs) off();
    this.#groups.close();
  }

  #onInbox({ cid, head, unread, mentions = 0, preview }: DownFrameOf<'inbox'>): void {
    const known = this.#get(cid);
    if (known === undefined) return void this.#read(cid, head);
    if (head > known.head) this.#isNews(cid, 0);
    if (head < known.head) return;
    this.#countedTo.set(cid, head);
    this.#put(cid, { head, unread, mentions, preview });
  }

  #onMessage(message: DownFrameOf<'message'>): void {
    const { cid, seq, from, kind, at } = message;
    const known = this.#get(cid);
    if (known === undefined) return at < (this.#silentUntil.get(cid) ?? 0) ? undefined : void this.#read(cid, seq);
    if (seq <= known.head) return;
    const counts = from !== this.#client.userId && kind !== 'sys' ? 1 : 0;
    const unread = (known.unread ?? 0) + counts;
    this.#isNews(cid, at);
    const isNamed = counts > 0 && isMentioned(message, this.#client.userId);
    const mentions = (known.mentions ?? 0) + (isNamed ? 1 : 0);
    this.#put(cid, { head: seq, unread, mentions, lastMessage: message, preview: undefined });
    if (counts > 0 && !isNamed) void this.#countGroups(message);
  }

  /** One mention more, where it is by a group of the user, and neither read nor counted by the server meanwhile. */
  async #countGroups(message: DownFrameOf<'message'>): Promise<void> {
    const { cid, seq } = message;
    const isIn = await this.#groups.isIn(message);
    const known = this.#get(cid);
    if (isIn && known !== undefined && seq > Math.max(known.readPos ?? 0, this.#countedTo.get(cid) ?? 0))
      this.#put(cid, { mentions: (known.mentions ?? 0) + 1 });
  }

  #onRead(cid: string, pos: number): void {
    const known = this.#get(cid);
    if (known === undefined || pos <= (known.readPos ?? 0)) return;
    const left = (count: number | null) => Math.min(count ?? 0, Math.max(0, known.head - pos));
    this.#put(cid, { readPos: pos, unread: left(known.unread), mentions: left(known.mentions) });
  }

  #onConversation({ cid, event, users }: DownFrameOf<'conv'>): void {
    const { userId = '' } = this.#client;
    const isOwn = users?.includes(userId) === true;
    if (event === 'deleted' || (event === 'removed' && isOwn)) this.#remove(cid);
    // `participants` does not say who of many: perhaps this user went.
    const isChange = event === 'changed' || event === 'participants' || (CHANGES_ONE.has(event) && isOwn);
    const isToRead = isChange && this.#get(cid) !== undefined;
    if (event === 'created' || (event === 'added' && isOwn) || isToRead) this.#readAnew(cid);
    else this.#isStale(cid);
  }

  #onSettings(cid: string, settings: ConversationSettings): void {
    this.#isStale(cid);
    if (settings.hidden) this.#hide(cid, settings);
    else if (this.#get(cid) === undefined) this.#readAnew(cid);
    else this.#put(cid, { settings });
  }

  /** What is just being read of it may be what was before. */
  #isStale(cid: string): void {
    if (this.#asked.has(cid)) this.#asked.set(cid, NEWER);
  }

  #readAnew(cid: string): void {
    this.#isStale(cid);
    void this.#read(cid, 0);
  }

  /** One conversation anew; a failure is made up for by the next news of it. */
  async #read(cid: string, head: number): Promise<void> {
    const asked = this.#asked.get(cid);
    this.#asked.set(cid, Math.max(head, asked ?? 0));
    if (asked !== undefined) return;
    let read = NEWER;
    try {
      const item = await this.#client.rest.request<ConversationInfo>('GET', `/v1/conversations/${cid}`);
      read = item.head;
      this.#take(item);
    } catch (error) {
      // It is gone, or the server does not answer now.
      if (error instanceof ChatError && (error.code === 'not_found' || error.code === 'not_member')) this.#remove(cid);
    }
    const wanted = this.#asked.get(cid) ?? 0;
    this.#asked.delete(cid);
    if (read < wanted) await this.#read(cid, 0);
  }

  /** Lists what was read, if the server would list it so far up. */
  #take(item: ConversationInfo): void {
    const { cid, settings } = item;
    if (settings?.hidden === true) return this.#hide(cid, settings);
    this.#silentUntil.delete(cid);
    if (item.myRole === null) return this.#remove(cid);
    const newer = this.#newer(item);
    if (this.#get(cid) !== undefined) return this.#put(cid, newer);
    const last = this.#items.at(-1);
    const isBehind =
      last !== undefined && isPinned(newer) <= isPinned(last) && this.#active(newer) < this.#active(last);
    if (this.hasMore && isBehind) this.#activeAt.delete(cid);
    else this.#set([newer, ...this.#items]);
  }

  #hide(cid: string, { silentUntil }: ConversationSettings): void {
    this.#remove(cid);
    if (silentUntil !== null) this.#silentUntil.set(cid, silentUntil);
  }

  /** What was read, unless something newer was told of it meanwhile. */
  #newer(item: ConversationInfo): ListedConversation {
    const known = this.#get(item.cid);
    if (known === undefined || known.head <= item.head) {
      this.#countedTo.set(item.cid, item.head);
      this.#activeAt.set(item.cid, item.lastMessage?.at ?? item.createdAt);
      return { ...item, preview: undefined };
    }
    const { head, unread, mentions, lastMessage, preview } = known;
    return { ...item, head, unread, mentions, lastMessage, preview };
  }

  #get(cid: string): ListedConversation | undefined {
    return this.#items.find((item) => item.cid === cid);
  }

  #active({ cid }: Pick<ListedConversation, 'cid'>): number {
    return this.#activeAt.get(cid) ?? 0;
  }

  /** Of all that are listed it was active last: `inbox` frames do not say when. */
  #isNews(cid: string, at: number): void {
    const others = this.#items.filter((item) => item.cid !== cid).map((item) => this.#active(item) + 1);
    this.#activeAt.set(cid, Math.max(at, this.#active({ cid }), ...others));
  }

  #put(cid: string, change: Partial<ListedConversation>): void {
    this.#set(this.#items.map((item) => (item.cid === cid ? { ...item, ...change } : item)));
  }

  #remove(cid: string): void {
    this.#countedTo.delete(cid);
    this.#activeAt.delete(cid);
    if (this.#get(cid) !== undefined) this.#set(this.#items.filter((item) => item.cid !== cid));
  }

  #set(items: readonly ListedConversation[]): void {
    this.#items = [...items].sort((a, b) => isPinned(b) - isPinned(a) || this.#active(b) - this.#active(a));
    this.#events.emit('change', this.#items);
  }
}

/** By its name, or with everybody. */
function isMentioned({ mentions }: Message, userId: string | undefined): boolean {
  if (mentions === undefined || userId === undefined) return false;
  return mentions.all === true || mentions.here === true || mentions.users.includes(userId);
}

const isPinned = ({ settings }: ConversationInfo): number => Number(settings?.pinned === true);

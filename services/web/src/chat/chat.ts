/**
 * The page's side of the SDK: turns what happens into a new state, and what the person does into calls.
 */
import type { Message } from '@messagecore/protocol';
import type { Conversation as ConversationInfo, Page, Participant } from '@messagecore/protocol/features';
import { type Client, type ConversationEvents, MessageChanges, type Off, type Operations } from '@messagecore/sdk';
import { DraftCalls } from './draft-calls.ts';
import { EmojiCalls } from './emoji-calls.ts';
import { GroupCalls } from './group-calls.ts';
import { HistoryCalls } from './history-calls.ts';
import { MessageCalls } from './message-calls.ts';
import { pagesOf } from './pages-of.ts';
import { PollCalls } from './poll-calls.ts';
import { PresenceCalls } from './presence-calls.ts';
import { ReminderCalls } from './reminder-calls.ts';
import { SendCalls } from './send-calls.ts';
import { newsIn, newsOf } from './news.ts';
import { type ChatState, firstState, withoutHistory, withPositions, withUpdate } from './state.ts';
import { ChatStore } from './store.ts';
import { ThreadCalls } from './thread-calls.ts';
import { NO_THREADS } from './threads.ts';
import { EMPTY, merge } from './timeline.ts';
import { ToldSettings } from './told-settings.ts';

const LIST_PAGE = 30;

export class Chat {
  readonly me: string;
  /** For what the page does not keep, such as lists that a dialog shows. */
  readonly client: Client;
  readonly drafts: DraftCalls;
  readonly emojis: EmojiCalls;
  readonly groups: GroupCalls;
  readonly history: HistoryCalls;
  readonly messages: MessageCalls;
  readonly polls: PollCalls;
  readonly presence: PresenceCalls;
  readonly reminders: ReminderCalls;
  readonly sends: SendCalls;
  readonly threads: ThreadCalls;
  readonly #store: ChatStore;
  readonly #settings = new ToldSettings();
  #offs: readonly Off[] = [];

  constructor(client: Client, me: string, myName?: string) {
    this.me = me;
    this.client = client;
    const state = firstState(client.state, myName);
    this.#store = new ChatStore(state, () => client.unsent);
    const changes = new MessageChanges(client);
    changes.on('change', ({ cid, message }) => {
      this.#store.change(cid, (known) => (message === undefined ? {} : withUpdate(known, message)));
      if (message !== undefined) this.threads.changed(message);
      // What is under way to a message and what has become of it are shown together.
      this.#store.flush();
    });
    this.drafts = new DraftCalls({ client, store: this.#store });
    this.emojis = new EmojiCalls({ client, store: this.#store });
    this.groups = new GroupCalls({ client, store: this.#store });
    this.messages = new MessageCalls({ client, store: this.#store, changes });
    this.polls = new PollCalls({ client, store: this.#store, changes });
    this.presence = new PresenceCalls({ client, me, store: this.#store });
    this.reminders = new ReminderCalls({ client, store: this.#store });
    this.sends = new SendCalls({ client, store: this.#store });
    this.threads = new ThreadCalls({ client, me, store: this.#store });
    this.history = new HistoryCalls({ client, store: this.#store, threads: this.threads });
  }

  readonly subscribe = (listener: () => void): Off => this.#store.subscribe(listener);

  readonly snapshot = (): ChatState => this.#store.state;

  start(): void {
    const parts = [this.drafts, this.emojis, this.groups, this.presence, this.reminders, this.threads];
    this.#offs = [...this.#listen(), ...parts.flatMap((part) => part.listen())];
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
      let isFirst = true;
      const { changes } = this.#settings;
      for await (const page of pagesOf((place) => this.client.conversations({ limit: LIST_PAGE, ...place }))) {
        for (const info of page) this.#follow(this.#settings.within(info, changes), isFirst);
        isFirst = false;
      }
      this.#store.set({ listed: true });
    } catch {
      // The next connection asks again.
    }
  }

  /** Reads what the person is called, and may. Never rejects: the next connection asks again. */
  async refreshMe(): Promise<void> {
    const me = await this.client.call('users.me').catch(() => undefined);
    if (me === undefined) return;
    const names = new Map(this.#store.state.names).set(this.me, me.displayName);
    const isTenantAdmin = me.role === 'owner' || me.role === 'admin';
    this.#store.set({ myName: me.displayName, isTenantAdmin, names });
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

  /** A message in its conversation, wherever one is. Rejects as the calls do, and with `not_found`. */
  async openMessage(cid: string, seq: number): Promise<void> {
    if (this.#store.state.open !== cid) await this.openNew(cid);
    await this.history.showMessage(cid, seq);
  }

  /** A conversation that was just created or joined: it is listed, and opened. Rejects as the list does. */
  async openNew(cid: string): Promise<void> {
    if (!this.#store.state.conversations.has(cid))
      this.#follow(await this.client.call('conversations.get', { cid }), true);
    this.open(cid);
  }

  /** From listening to taking part. Rejects as the call does. */
  async takePart(cid: string): Promise<void> {
    await this.client.call('participants.join', { cid });
    this.#follow(await this.client.call('conversations.get', { cid }), false);
    void this.#loadMembers(cid);
  }

  /** Of a conversation that one only listens to: nothing of it comes any more. */
  stopListening(cid: string): void {
    this.client.conversation(cid).leave();
    this.#store.remove(cid);
  }

  /** Rejects as the call does. */
  async changeSettings(cid: string, change: Omit<Operations['settings.update']['args'], 'cid'>): Promise<void> {
    this.#onSettings(cid, await this.client.call('settings.update', { cid, ...change }));
    this.#store.flush();
  }

  /** Rejects as the call does. */
  async changeRoom(cid: string, change: Omit<Operations['conversations.update']['args'], 'cid'>): Promise<void> {
    const { changes } = this.#settings;
    const info = await this.client.call('conversations.update', { cid, ...change });
    this.#store.change(cid, () => ({ info: this.#settings.within(info, changes) }));
    this.#store.flush();
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
        if (cid !== undefined) this.#onSettings(cid, settings);
      }),
      client.on('message', (message) => this.#onMessage(message)),
      client.on('update', (message) => this.#store.change(message.cid, (known) => withUpdate(known, message))),
      client.on('joined', ({ cid, head, reads }) => {
        this.#store.change(cid, (known) => ({ head, ...withPositions(known, Object.entries(reads ?? {}), this.me) }));
      }),
      client.on('read', ({ cid, from, pos }) => {
        this.#store.change(cid, (known) => withPositions(known, [[from, pos]], this.me));
      }),
      client.on('typing', ({ cid, from, on }) => this.#onTyping(cid, from, on)),
      client.on('conv', (event) => this.#onConversation(event)),
      client.on('reset', ({ cid, head }) => {
        this.#store.set(withoutHistory(this.#store.state, cid, head));
        if (this.#store.state.open === cid) void this.history.begin(cid);
      }),
    ];
  }

  open(cid: string | undefined): void {
    const conversation = cid === undefined ? undefined : this.#store.get(cid);
    this.#store.set({ open: conversation?.cid, thread: undefined });
    if (conversation === undefined) return;
    this.#store.change(conversation.cid, (known) => ({
      ...newsOf(known, this.me),
      excerpt: undefined,
      aim: undefined,
    }));
    void this.history.begin(conversation.cid);
    if (conversation.info.settings?.markedUnread === true)
      // What is there counts as read when it is seen, not when it is asked for.
      void this.changeSettings(conversation.cid, { markedUnread: false }).catch(() => {});
    if (conversation.members.length === 0) void this.#loadMembers(conversation.cid);
    else this.presence.watch(conversation.members);
  }

  /** The person sees the end of the conversation. */
  seen(cid: string): void {
    const conversation = this.#store.get(cid);
    if (conversation === undefined || conversation.head === 0) return;
    // Nobody keeps how far a listener has read.
    if (conversation.info.myRole !== null) this.client.conversation(cid).read(conversation.head);
    this.#store.change(cid, (known) => withPositions(known, [[this.me, known.head]], this.me));
  }

  /** Marks a conversation as unread, or as read. Rejects as the call does. */
  async markUnread(cid: string, on: boolean): Promise<void> {
    if (!on) this.seen(cid);
    await this.changeSettings(cid, { markedUnread: on });
  }

  /** Marks its conversation as unread, and shows the message as the first new one. Rejects as the call does. */
  async markUnreadFrom({ cid, seq }: Message): Promise<void> {
    await this.markUnread(cid, true);
    this.#store.change(cid, ({ timeline }) => ({
      newAfter: seq - 1,
      newCount: newsIn(timeline.messages, seq - 1, this.me).length,
    }));
  }

  typing(cid: string, on: boolean): void {
    this.client.conversation(cid).typing(on);
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
        reads: new Map([[this.me, info.myRole === null ? head : (info.readPos ?? 0)]]),
        deliveredUpTo: 0,
        typing: new Set(),
        timeline: EMPTY,
        excerpt: undefined,
        aim: undefined,
        quoted: new Map(),
        threads: NO_THREADS,
        newAfter: Infinity,
        newCount: 0,
      });
      this.client.join(cid, { since: head, rev, epoch });
      if (info.peer !== null) this.presence.watch([info.peer]);
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
    const positions = page.items.map(({ userId, readPos }) => [userId, readPos] as const);
    if (this.#store.state.open === cid) this.presence.watch(page.items.map(({ userId }) => userId));
    this.#store.change(cid, (known) => ({
      members: page.items.map(({ userId }) => userId),
      ...withPositions(known, positions, this.me),
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

  #onSettings(cid: string, settings: ConversationInfo['settings']): void {
    this.#settings.told(cid, settings);
    this.#store.change(cid, ({ info }) => ({ info: { ...info, settings } }));
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
}

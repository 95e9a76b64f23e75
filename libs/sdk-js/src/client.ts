/**
 * The client: one connection, any number of conversations, and what is on its way to the server. It routes frames to
 * those who know what they mean and keeps nothing of its own but the list of conversations.
 */
import { createUlid, type Timer } from '@messagecore/kernel';
import type { Conversation as ConversationInfo, DownFrame, HistoryPage, Page, UpFrame } from '@messagecore/protocol';
import { CLOSE, LIMITS } from '@messagecore/protocol/constants';
import { Changes } from './changes.ts';
import { Connection, type ConnectionStatus } from './connection/connection.ts';
import { Conversation } from './conversation/conversation.ts';
import type { StartAt } from './conversation/cursor.ts';
import type { ConversationPort, HistoryOptions, JoinOptions, Sending, SendOptions } from './conversation/port.ts';
import { Emitter, type Listener, type Off } from './emitter.ts';
import { type ClientEvents, errorOf } from './events.ts';
import { type ClientOptions, type Settings, settingsOf } from './options.ts';
import { Outbox } from './outbox.ts';
import { Receipts } from './receipts.ts';
import { Rest } from './rest.ts';
import { TokenSource } from './token.ts';
import { loadCodec } from './transport/codec.ts';
import { openEventStream } from './transport/sse.ts';
import type { Positions } from './transport/transport.ts';
import { openWebSocket, webSocketOpens } from './transport/ws.ts';

/** A client that is not connected yet. Throws when an address is no URL. */
export function createClient(options: ClientOptions): Client {
  return new Client(settingsOf(options));
}

export class Client {
  /** REST calls as the signed-in user, for everything that has no method here. */
  readonly rest: Rest;
  readonly #settings: Settings;
  readonly #events = new Emitter<ClientEvents>();
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #changes: Changes;
  readonly #receipts: Receipts;
  readonly #conversations = new Map<string, Conversation>();
  readonly #watched = new Set<string>();
  readonly #nextMid: () => string;
  readonly #joinsDue = new Set<string>();
  #joinsTimer: Timer | undefined;
  #joinsAtOnce = false;
  #userId: string | undefined;
  #resumeConversations: number = LIMITS.resumeConversations;

  constructor(settings: Settings) {
    this.#settings = settings;
    const { clock, random, maxUnsentMessages: maxMessages, maxUnsentBytes: maxBytes } = settings;
    const tokens = new TokenSource(settings.token, clock);
    const transmit = (frame: UpFrame) => this.#connection.send(frame);
    this.#nextMid = createUlid({ clock });
    this.rest = new Rest({ api: settings.api, tokens, fetch: settings.fetch, clock });
    this.#outbox = new Outbox({ clock, transmit, maxMessages, maxBytes });
    this.#changes = new Changes(clock, transmit);
    this.#receipts = new Receipts(clock, (cid, pos) => transmit({ t: 'ack', cid, pos }));
    const { WebSocket, fetch, encoding } = settings;
    this.#connection = new Connection(
      {
        urls: settings.urls,
        mode: settings.transport,
        transports: {
          ws: (open, events) => openWebSocket({ WebSocket, encoding, loadCodec }, open, events),
          sse: (open, events) => openEventStream({ fetch, rest: this.rest, clock }, open, events),
        },
        webSocketOpens: (url) => webSocketOpens(WebSocket, url),
        tokens,
        positions: () => this.#positions(),
        clock,
        random,
      },
      {
        online: (ready) => this.#online(ready),
        offline: (code) => this.#offline(code === CLOSE.tooLarge),
        frame: (frame) => this.#route(frame),
        status: (status) => this.#events.emit('state', status),
      },
    );
  }

  get state(): ConnectionStatus {
    return this.#connection.status;
  }

  /** The signed-in user; undefined before the first connection. */
  get userId(): string | undefined {
    return this.#userId;
  }

  /** Messages that are not acknowledged yet. */
  get unsent(): number {
    return this.#outbox.size;
  }

  on<Name extends keyof ClientEvents>(name: Name, listener: Listener<ClientEvents[Name]>): Off {
    return this.#events.on(name, listener);
  }

  /** Connects, and stays connected until `close`. */
  connect(): this {
    this.#connection.connect();
    return this;
  }

  /** Ends the connection. Messages that are not acknowledged wait for the next `connect`. */
  close(): void {
    this.#receipts.flush();
    this.#connection.disconnect();
    this.#receipts.stop();
  }

  /** Call it when the network or the page comes back: no waiting for the next attempt. */
  wake(): void {
    this.#connection.wake();
  }

  /** The handle of a conversation, the same one every time; it is not joined by that. */
  conversation(cid: string): Conversation {
    const known = this.#conversations.get(cid);
    if (known !== undefined) return known;
    const conversation = new Conversation(cid, this.#portFor());
    this.#conversations.set(cid, conversation);
    return conversation;
  }

  /** Receives a conversation from now on, see `JoinOptions`; may be called before `connect`. */
  join(cid: string, options?: JoinOptions): Conversation {
    return this.conversation(cid).join(options);
  }

  /** Asks for the presence of these users, over all reconnects. */
  watch(users: readonly string[]): void {
    for (const user of users) this.#watched.add(user);
    this.#sendUsers('watch', users);
  }

  unwatch(users: readonly string[]): void {
    for (const user of users) this.#watched.delete(user);
    this.#sendUsers('unwatch', users);
  }

  /** One page of the user's conversations, newest activity first. */
  conversations(query: { readonly limit?: number; readonly cursor?: string } = {}): Promise<Page<ConversationInfo>> {
    return this.rest.request('GET', '/v1/conversations', { query });
  }

  #portFor(): ConversationPort {
    return {
      clock: this.#settings.clock,
      random: this.#settings.random,
      transmit: (frame) => this.#connection.send(frame),
      requestJoin: (cid, withinMs) => this.#requestJoin(cid, withinMs),
      send: (cid, body, options) => this.#send(cid, body, options),
      change: (change) => this.#changes.make(change),
      history: (cid, options) => this.#history(cid, options),
      emit: (name, event) => this.#events.emit(name, event as never),
      received: (cid, pos) => this.#settings.receipts && this.#receipts.received(cid, pos),
      me: () => this.#userId,
    };
  }

  #send(cid: string, body: Readonly<Record<string, unknown>>, options: SendOptions): Sending {
    const { kind = 'text', mid = this.#nextMid(), replyTo, threadRoot } = options;
    const delivered = this.#outbox.add({
      t: 'send',
      cid,
      mid,
      clientId: this.#settings.clientId,
      at: Math.trunc(this.#settings.clock.now()),
      kind,
      body,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(threadRoot === undefined ? {} : { threadRoot }),
    });
    return { mid, delivered };
  }

  #history(cid: string, { signal, ...query }: HistoryOptions): Promise<HistoryPage> {
    const path = `/v1/conversations/${cid}/messages`;
    return this.rest.request('GET', path, { query, ...(signal === undefined ? {} : { signal }) });
  }

  #online(ready: Extract<DownFrame, { t: 'ready' }>): void {
    this.#userId = ready.userId;
    this.#resumeConversations = ready.limits.resumeConversations;
    for (const conversation of this.#conversations.values()) conversation.online();
    this.#sendJoins();
    this.#sendUsers('watch', [...this.#watched]);
    this.#changes.online(ready.limits);
    this.#outbox.online(ready.limits);
    this.#receipts.flush();
    this.#events.emit('ready', ready);
  }

  #offline(tooLarge: boolean): void {
    if (tooLarge) this.#dropLargest();
    this.#outbox.offline();
    this.#changes.offline();
    for (const conversation of this.#conversations.values()) conversation.offline();
  }

  /** The server closed because of a frame that is too large: the largest on its way is not tried again. */
  #dropLargest(): void {
    const [message, change] = [this.#outbox.largest, this.#changes.largest];
    if ((message?.bytes ?? 0) > (change?.bytes ?? 0)) message?.refuse();
    else change?.refuse();
  }

  #route(frame: DownFrame): void {
    switch (frame.t) {
      case 'ack':
        return this.#outbox.stored(frame.cid, frame.mid, frame.pos);
      case 'message':
        if (frame.from === this.#userId) this.#outbox.stored(frame.cid, frame.mid, frame.seq);
        return this.#conversations.get(frame.cid)?.receive(frame);
      case 'update':
        this.#conversations.get(frame.cid)?.receive(frame);
        return this.#changes.updated(frame);
      case 'error':
        return this.#onError(frame);
      case 'heads':
        for (const [cid, [head, rev]] of Object.entries(frame.cids)) this.#conversations.get(cid)?.heads(head, rev);
        return undefined;
      case 'conv':
        // A conversation without a handle is news too.
        return this.conversation(frame.cid).receive(frame);
      case 'joined':
      case 'gap':
      case 'read':
      case 'typing':
        return this.#conversations.get(frame.cid)?.receive(frame);
      case 'inbox':
      case 'presence':
      case 'bye':
        return this.#events.emit(frame.t, frame);
      case 'ready':
      case 'pong':
        return undefined;
      default:
        // A frame of a later version of the protocol.
        return undefined;
    }
  }

  #onError(frame: Extract<DownFrame, { t: 'error' }>): void {
    if (frame.ref !== undefined) {
      const error = errorOf(frame);
      if (frame.cid !== undefined) this.#outbox.refused(frame.cid, frame.ref, error);
      this.#changes.refused(frame.ref, error);
    } else if (frame.cid !== undefined) this.#conversations.get(frame.cid)?.receive(frame);
    this.#events.emit('error', frame);
  }

  #requestJoin(cid: string, withinMs?: number): void {
    this.#joinsDue.add(cid);
    if (withinMs !== undefined) {
      if (this.#joinsTimer !== undefined) return;
      this.#joinsTimer = this.#settings.clock.setTimeout(() => {
        this.#joinsTimer = undefined;
        this.#sendJoins();
      }, withinMs);
    } else if (!this.#joinsAtOnce) {
      this.#joinsAtOnce = true;
      queueMicrotask(() => {
        this.#joinsAtOnce = false;
        this.#sendJoins();
      });
    }
  }

  /** Conversations with a full position travel together in `resume` frames, the others one by one. */
  #sendJoins(): void {
    const due = [...this.#joinsDue];
    this.#joinsDue.clear();
    if (this.#connection.status.phase !== 'online') return;
    const resume: [cid: string, pos: [number, number, number?]][] = [];
    for (const cid of due) {
      const position = this.#conversations.get(cid)?.takeJoin();
      if (position === undefined) continue;
      const { since, rev, epoch } = position;
      const knownEpoch: [number?] = epoch === undefined ? [] : [epoch];
      if (since !== undefined && rev !== undefined) resume.push([cid, [since, rev, ...knownEpoch]]);
      else this.#connection.send({ t: 'join', cid, ...(since === undefined ? {} : { since }) });
    }
    for (let at = 0; at < resume.length; at += this.#resumeConversations) {
      const pos = Object.fromEntries(resume.slice(at, at + this.#resumeConversations));
      this.#connection.send({ t: 'resume', pos });
    }
  }

  #sendUsers(t: 'watch' | 'unwatch', users: readonly string[]): void {
    for (let at = 0; at < users.length; at += LIMITS.watchedUsers) {
      this.#connection.send({ t, users: users.slice(at, at + LIMITS.watchedUsers) });
    }
  }

  #positions(): Positions {
    const positions = new Map<string, StartAt>();
    for (const { cid, standing } of this.#conversations.values())
      if (standing !== undefined) positions.set(cid, standing);
    return positions;
  }
}

/**
 * The client: one connection, any number of conversations, and what is on its way to the server. It routes frames to
 * those who know what they mean and keeps nothing of its own but the list of conversations.
 */
import { createUlid } from '@messagecore/kernel';
import type { UserEvents } from './user-events.ts';
import type { DownFrame, Page, UpFrame } from './wire.ts';
import type { ConversationInfo, ConversationsQuery } from './conversation-info.ts';
import { ChatError, CLOSE, DEFAULT_RETRY_AFTER_MS } from '@messagecore/protocol/constants';
import { Connection, type ConnectionStatus } from './connection/connection.ts';
import { Conversation } from './conversation/conversation.ts';
import { historyOf } from './conversation/history.ts';
import type { ConversationPort, JoinOptions, Sending, SendOptions } from './conversation/port.ts';
import { Emitter, type Listener, type Off } from './emitter.ts';
import { type ClientEvents, errorOf } from './events.ts';
import { type ClientOptions, type Settings, settingsOf } from './options.ts';
import { Conversations } from './conversations.ts';
import { Joins } from './joins.ts';
import { type Answer, type CallArguments, callOperation } from './operations/call.ts';
import type { Operations } from './operations/types.ts';
import { Outbox } from './outbox.ts';
import { Pace, Turns } from './pace.ts';
import { Presence } from './presence.ts';
import { Receipts } from './receipts.ts';
import { Requests } from './requests.ts';
import { Rest } from './rest.ts';
import { TokenSource } from './token.ts';
import { loadCodec } from './transport/codec.ts';
import { openEventStream } from './transport/sse.ts';
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
  readonly #tokens: TokenSource;
  readonly #outbox: Outbox;
  readonly #requests: Requests;
  readonly #receipts: Receipts;
  readonly #pace: Pace;
  readonly #readsDue: Turns;
  readonly #conversations: Conversations;
  readonly #presence: Presence;
  readonly #nextMid: () => string;
  readonly #joins: Joins;
  /** Frames of this connection that could not be read. */
  #unreadable = 0;
  #userId: string | undefined;
  /** The application closed since the last `ready`. */
  #isClosed = false;

  /** @internal See `createClient`. */
  constructor(settings: Settings) {
    this.#settings = settings;
    const { clock, random, maxUnsentMessages: maxMessages, maxUnsentBytes: maxBytes } = settings;
    const tokens = (this.#tokens = new TokenSource(settings.token, clock));
    const transmit = (frame: UpFrame) => this.#connection.send(frame);
    this.#nextMid = createUlid({ clock });
    this.#pace = new Pace(clock);
    const conversation = (cid: string) => this.#conversations.get(cid);
    const takeFrame = () => this.#pace.take('frame');
    this.rest = new Rest({ api: settings.api, tokens, fetch: settings.fetch, clock });
    this.#outbox = new Outbox({ clock, transmit, take: () => this.#pace.take('send'), maxMessages, maxBytes });
    this.#requests = new Requests({ clock, transmit, take: (cost) => this.#pace.take(cost) });
    this.#receipts = new Receipts({ clock, take: takeFrame, transmit: (cid, pos) => transmit({ t: 'ack', cid, pos }) });
    this.#readsDue = new Turns({ clock, take: takeFrame, perform: (cid) => conversation(cid)?.takeRead() });
    this.#presence = new Presence(transmit);
    const port = this.#portForAll();
    this.#conversations = new Conversations((cid) => new Conversation(cid, port));
    this.#joins = new Joins({ clock, transmit, take: (frames) => this.#pace.take('frame', frames), conversation });
    this.#connection = new Connection(
      {
        urls: settings.urls,
        mode: settings.transport,
        transports: {
          ws: (open, events) => openWebSocket({ ...settings, loadCodec }, open, events),
          sse: (...opening) => openEventStream({ ...settings, rest: this.rest, watched: this.#presence }, ...opening),
        },
        webSocketOpens: (url, withinMs) => webSocketOpens(settings.WebSocket, url, { clock, withinMs }),
        tokens,
        positions: () => this.#conversations.positions(),
        clock,
        random,
      },
      {
        online: (ready) => this.#online(ready),
        offline: (code) => this.#offline(code === CLOSE.tooLarge),
        frame: (frame) => this.#route(frame),
        unreadable: (error) => {
          this.#unreadable += 1;
          this.#events.emit('warning', { kind: 'unreadable', error });
        },
        tokenFailed: (error) => this.#events.emit('warning', { kind: 'token', error }),
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

  /**
   * Ends the connection. What is not acknowledged waits for the next `connect`, which asks for a token anew. If that turns
   * out to be another user's, what was sent and joined before `close` is refused with `forbidden`.
   */
  close(): void {
    this.#receipts.flush();
    this.#connection.disconnect();
    this.#receipts.stop();
    this.#tokens.forget();
    if (this.#userId !== undefined && !this.#isClosed) this.#mark();
    this.#isClosed = true;
  }

  /** Call it when the network or the page comes back: no waiting for the next attempt. */
  wake(): void {
    this.#connection.wake();
  }

  /** The handle of a conversation, the same one every time; it is not joined by that. */
  conversation(cid: string): Conversation {
    return this.#conversations.handle(cid);
  }

  /** Receives a conversation from now on, see `JoinOptions`; may be called before `connect`. */
  join(cid: string, options?: JoinOptions): Conversation {
    return this.conversation(cid).join(options);
  }

  /** Asks for the events `presence` and `profile.changed` of these users, over all reconnects. */
  watch(users: readonly string[]): void {
    this.#presence.watch(users);
  }

  unwatch(users: readonly string[]): void {
    this.#presence.unwatch(users);
  }

  /** Says that nobody is at the device any more, or somebody again; over all reconnects. It takes WebSocket. */
  setAway(isAway: boolean): void {
    this.#presence.setAway(isAway);
  }

  /** One page of the user's conversations, pinned ones first, then newest activity first. */
  conversations(query: ConversationsQuery = {}): Promise<Page<ConversationInfo>> {
    return this.rest.request('GET', '/v1/conversations', { query });
  }

  /** Carries out an operation as the signed-in user, once there is a connection, and gives its answer. */
  call<Name extends keyof Operations>(name: Name, ...rest: CallArguments<Name>): Promise<Answer<Name>> {
    return callOperation({ requests: this.#requests, tokens: this.#tokens }, name, ...rest) as never;
  }

  #portForAll(): ConversationPort {
    return {
      clock: this.#settings.clock,
      random: this.#settings.random,
      transmit: (frame) => this.#connection.send(frame),
      requestJoin: (cid, withinMs) => this.#joins.request(cid, withinMs),
      send: (cid, body, options) => this.#send(cid, body, options),
      change: (change) => this.#requests.change(change),
      requestRead: (cid) => this.#connection.status.phase === 'online' && this.#readsDue.add(cid),
      hasRoom: () => this.#pace.take('frame') === 0,
      unreadable: () => this.#unreadable,
      needed: (cid, isNeeded) => this.#conversations.needed(cid, isNeeded),
      history: (cid, options) => historyOf(this.rest, cid, options),
      emit: (name, event) => this.#events.emit(name, event as never),
      received: (cid, pos) => this.#settings.receipts && this.#receipts.received(cid, pos),
      me: () => this.#userId,
    };
  }

  #send(cid: string, body: Readonly<Record<string, unknown>>, options: SendOptions): Sending {
    const { kind = 'text', mid = this.#nextMid(), ...placed } = options;
    const delivered = this.#outbox.add({
      t: 'send',
      cid,
      mid,
      clientId: this.#settings.clientId,
      at: Math.trunc(this.#settings.clock.now()),
      kind,
      body,
      ...placed,
    });
    return { mid, delivered };
  }

  #online(ready: Extract<DownFrame, { t: 'ready' }>): void {
    if (this.#userId !== undefined && this.#userId !== ready.userId) this.#forgetUser();
    this.#isClosed = false;
    for (const conversation of this.#conversations.allHeld()) conversation.unmark();
    this.#userId = ready.userId;
    this.#unreadable = 0;
    this.#pace.online(ready.limits);
    for (const conversation of this.#conversations.all()) conversation.online();
    this.#joins.online(ready.limits);
    this.#presence.online();
    this.#requests.online(ready.limits);
    this.#outbox.online(ready.limits);
    this.#receipts.flush();
    this.#events.emit('ready', ready);
  }

  #offline(tooLarge: boolean): void {
    if (tooLarge) this.#dropLargest();
    this.#outbox.offline();
    this.#requests.offline();
    this.#readsDue.clear();
    this.#joins.offline();
    for (const conversation of this.#conversations.all()) conversation.offline();
  }

  #mark(): void {
    this.#outbox.mark();
    this.#requests.mark();
    for (const conversation of this.#conversations.allHeld()) conversation.mark();
  }

  /** Another user is signed in than before. What was given before `close` was the former one's. */
  #forgetUser(): void {
    if (!this.#isClosed) this.#mark();
    const error = new ChatError('forbidden', 'another user is signed in now');
    this.#outbox.abandon(error);
    this.#requests.abandon(error);
    this.#receipts.clear();
    for (const conversation of this.#conversations.allHeld()) conversation.abandon(error);
  }

  /** The server closed because of a frame that is too large: the largest on its way is not tried again. */
  #dropLargest(): void {
    const [message, request] = [this.#outbox.largest, this.#requests.largest];
    if ((message?.bytes ?? 0) > (request?.bytes ?? 0)) message?.refuse();
    else request?.refuse();
  }

  #route(frame: DownFrame): void {
    switch (frame.t) {
      case 'ack':
        return this.#outbox.stored(frame.cid, frame.mid, frame.pos);
      case 'message':
        if (frame.from === this.#userId) this.#outbox.stored(frame.cid, frame.mid, frame.seq);
        return this.#conversations.get(frame.cid)?.receive(frame);
      case 'result':
        this.#requests.done(frame);
        return frame.cid === undefined ? undefined : this.#conversations.get(frame.cid)?.receive(frame);
      case 'error':
        return this.#onError(frame);
      case 'heads':
        for (const [cid, [head, rev]] of Object.entries(frame.cids)) this.#conversations.get(cid)?.heads(head, rev);
        return undefined;
      // A conversation that nobody here wants yet is news too.
      case 'conv':
        if (this.#conversations.held(frame.cid) === undefined) return this.#events.emit('conv', frame);
        return this.#conversations.held(frame.cid)?.receive(frame);
      case 'joined':
      case 'update':
      case 'gap':
      case 'read':
      case 'typing':
        return this.#conversations.get(frame.cid)?.receive(frame);
      case 'event':
        return this.#events.emit(frame.event as keyof UserEvents, frame as never);
      case 'inbox':
      case 'presence':
      case 'bye':
        return this.#events.emit(frame.t, frame);
      case 'ready':
      case 'pong':
      default: // Of a later version of the protocol.
        return undefined;
    }
  }

  #onError(frame: Extract<DownFrame, { t: 'error' }>): void {
    const { ref, cid, code, retryAfterMs = DEFAULT_RETRY_AFTER_MS } = frame;
    if (code === 'rate_limited') {
      this.#pace.refused(retryAfterMs);
      if (ref === undefined && cid === undefined) this.#requests.refusedUnread(retryAfterMs);
    }
    if (ref !== undefined) {
      const error = errorOf(frame);
      if (cid !== undefined) this.#outbox.refused(cid, ref, error);
      this.#requests.refused(ref, error);
    }
    if (cid !== undefined) this.#conversations.get(cid)?.receive(frame);
    this.#events.emit('error', frame);
  }
}

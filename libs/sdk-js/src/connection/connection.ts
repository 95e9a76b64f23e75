/**
 * Keeps one way to the server open for as long as it is wanted: carries out what the table in `state.ts` decides, with
 * real transports, tokens and timers. What travels is not its business.
 *
 * Invariant: at most one attempt and one timer exist, and nothing that an abandoned attempt says is heard: every attempt
 * has a number, and callbacks of another number are ignored.
 */
import { Backoff, type Clock, type Random, type Timer } from '@messagecore/kernel';
import type { DownFrame, DownFrameOf, ErrorCode, UpFrame } from '../wire.ts';
import { ChatError, CLIENT_LIMITS } from '@messagecore/protocol/constants';
import type { TokenSource } from '../token.ts';
import type { Positions, Transport, TransportFactory, TransportName } from '../transport/transport.ts';
import { Heartbeat } from './heartbeat.ts';
import { type ConnectionEvent, type ConnectionState, type Effect, initialState, step } from './state.ts';

export interface ConnectionStatus {
  /** `connecting` is an attempt under way, `waiting` the pause before the next; `stopped` needs a person, see `error`. */
  readonly phase: 'idle' | 'connecting' | 'online' | 'waiting' | 'stopped';
  readonly transport: TransportName;
  /** The gateway of the present connection or attempt, or of the next. */
  readonly url: string;
  /** Milliseconds until the next attempt, as of the moment this status was announced. */
  readonly retryInMs?: number;
  readonly error?: ErrorCode;
}

export interface ConnectionEvents {
  online(ready: DownFrameOf<'ready'>): void;
  /** The connection is gone; what was sent and not answered may or may not have arrived. `code` says why, if known. */
  offline(code?: number): void;
  frame(frame: DownFrame): void;
  /** Something came that cannot be read; the connection goes on. */
  unreadable(error: unknown): void;
  /** No token could be had; it is tried again. */
  tokenFailed(error: unknown): void;
  status(status: ConnectionStatus): void;
}

export interface ConnectionDeps {
  readonly urls: readonly string[];
  readonly mode: 'auto' | TransportName;
  readonly transports: Readonly<Record<TransportName, TransportFactory>>;
  /** Whether a WebSocket opens at this address. */
  readonly webSocketOpens: (url: string, withinMs: number) => Promise<boolean>;
  readonly tokens: TokenSource;
  readonly positions: () => Positions;
  readonly clock: Clock;
  readonly random: Random;
}

const BACKOFF = { minMs: 500, maxMs: 8_000 };
const PONG_GRACE_MS = 10_000;
/** While on SSE, how often WebSocket is tried aside. */
const WS_PROBE_MS = 60_000;
const WS_PROBE_ANSWER_MS = 10_000;
const RENEWAL_RETRY_MS = 5_000;

export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #events: ConnectionEvents;
  readonly #backoff: Backoff;
  #state: ConnectionState;
  #status: ConnectionStatus;
  #attempt = 0;
  #transport: Transport | undefined;
  #heartbeat: Heartbeat | undefined;
  #lastError: DownFrameOf<'error'> | undefined;
  #retryInMs = 0;
  #timer: Timer | undefined;
  /** Timers that live no longer than the attempt; one of a name. */
  readonly #attemptTimers = new Map<'ready' | 'renew' | 'probe', Timer>();
  #token = '';
  /** A renewal is under way: from asking for a token to the server's answer. */
  #renewing = false;

  constructor(deps: ConnectionDeps, events: ConnectionEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#backoff = new Backoff({ ...BACKOFF, random: deps.random });
    // Clients that know several gateways spread over them.
    const endpoint = Math.floor(deps.random() * deps.urls.length);
    this.#state = { ...initialState(deps.mode, deps.tokens.renewable), endpoint };
    this.#status = this.#statusNow();
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  connect(): void {
    this.#on({ type: 'connect' });
  }

  disconnect(): void {
    this.#on({ type: 'disconnect' });
  }

  /** Something suggests that the network changed: try now, or ask the peer for a sign of life. */
  wake(): void {
    this.#on({ type: 'wake' });
  }

  /** False, and nothing sent, unless online by a transport that carries such frames. */
  send(frame: UpFrame): boolean {
    return this.#state.phase === 'online' && this.#transport?.send(frame) === true;
  }

  #on(event: ConnectionEvent, closeCode?: number): void {
    const before = this.#state.phase;
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (before === 'online' && state.phase !== 'online') this.#events.offline(closeCode);
    this.#announce();
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'fetchToken':
        return void this.#fetchToken(effect.fresh);
      case 'open':
        return this.#open(effect.transport, effect.endpoint);
      case 'drop':
        return this.#endAttempt();
      case 'wait':
        return this.#wait(effect.backoff ? Math.max(this.#backoff.next(), effect.atLeastMs) : effect.atLeastMs);
      case 'cancelTimer':
        return this.#timer?.cancel();
      case 'resetBackoff':
        return this.#backoff.reset();
      case 'probe':
        return this.#heartbeat?.probe();
    }
  }

  async #fetchToken(fresh: boolean): Promise<void> {
    const attempt = ++this.#attempt;
    let event: ConnectionEvent = { type: 'token' };
    try {
      const token = await this.#deps.tokens.get(fresh);
      if (attempt === this.#attempt) this.#token = token;
    } catch (error) {
      if (attempt === this.#attempt) this.#events.tokenFailed(error);
      event = { type: 'tokenFailed', error: codeOf(error) };
    }
    if (attempt === this.#attempt) this.#on(event);
  }

  #open(name: TransportName, endpoint: number): void {
    const attempt = ++this.#attempt;
    const url = this.#url(endpoint);
    this.#lastError = undefined;
    const current = () => attempt === this.#attempt;
    this.#during('ready', CLIENT_LIMITS.authTimeoutMs, () => this.#on({ type: 'silent', now: this.#now() }));
    this.#transport = this.#deps.transports[name](
      { url, token: this.#token, positions: this.#deps.positions },
      {
        frame: (frame) => current() && this.#onFrame(frame),
        alive: () => current() && this.#heartbeat?.heard(),
        unreadable: (error) => current() && this.#onUnreadable(error),
        closed: (code) => current() && this.#onClosed(code),
      },
    );
  }

  #onFrame(frame: DownFrame): void {
    this.#heartbeat?.heard();
    if (frame.t === 'ready') return this.#onReady(frame);
    if (frame.t === 'error') this.#lastError = frame;
    this.#events.frame(frame);
    if (frame.t !== 'bye') return;
    this.#on({ type: 'bye', reconnectInMs: frame.reconnectInMs, expired: frame.reason === 'expired' });
  }

  /** Whoever says such a thing before `ready` is no server of ours: start over, as after any broken connection. */
  #onUnreadable(error: unknown): void {
    this.#heartbeat?.heard();
    if (this.#state.phase === 'online') this.#events.unreadable(error);
    else this.#on({ type: 'silent', now: this.#now() });
  }

  /** The first `ready` of a connection makes it online; a later one answers a renewal of the token. */
  #onReady(frame: DownFrameOf<'ready'>): void {
    if (!isWhole(frame)) throw new TypeError('`ready` lacks something');
    this.#renewing = false;
    this.#deps.tokens.serverTime(frame.serverTs);
    this.#attemptTimers.get('ready')?.cancel();
    this.#renewTokenLater();
    if (this.#state.phase !== 'opening') return;
    this.#on({ type: 'ready', now: this.#now() });
    this.#heartbeat = new Heartbeat({
      clock: this.#deps.clock,
      quietMs: frame.heartbeatMs,
      graceMs: PONG_GRACE_MS,
      ping: () => this.send({ t: 'ping', at: Math.trunc(this.#deps.clock.now()) }),
      dead: () => this.#on({ type: 'silent', now: this.#now() }),
    });
    if (this.#state.mode === 'auto' && this.#state.transport === 'sse') this.#probeWebSocketLater();
    this.#events.online(frame);
  }

  #onClosed(code: number): void {
    const { code: error, retryAfterMs, ref } = this.#lastError ?? {};
    this.#transport = undefined;
    this.#endAttempt();
    const explained = ref === undefined ? { error, retryAfterMs } : {};
    this.#on({ type: 'closed', code, now: this.#now(), ...explained }, code);
  }

  #renewTokenLater(): void {
    const inMs = this.#deps.tokens.renewInMs(this.#token);
    if (inMs !== undefined) this.#during('renew', Math.max(inMs, RENEWAL_RETRY_MS), () => void this.#renewToken());
  }

  /** Never two at a time: the server could take the older token for the newer one. */
  async #renewToken(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    const attempt = this.#attempt;
    try {
      const jwt = await this.#deps.tokens.get(true);
      if (attempt !== this.#attempt) return;
      this.#token = jwt;
      this.send({ t: 'auth', jwt });
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#renewing = false;
      this.#events.tokenFailed(error);
      this.#renewTokenLater();
    }
  }

  #probeWebSocketLater(): void {
    this.#during('probe', WS_PROBE_MS, () => void this.#probeWebSocket());
  }

  async #probeWebSocket(): Promise<void> {
    const attempt = this.#attempt;
    const works = await this.#deps.webSocketOpens(this.#url(this.#state.endpoint), WS_PROBE_ANSWER_MS);
    if (attempt !== this.#attempt) return;
    if (works) this.#on({ type: 'wsWorks' });
    else this.#probeWebSocketLater();
  }

  #wait(ms: number): void {
    this.#timer?.cancel();
    this.#retryInMs = ms;
    this.#timer = this.#deps.clock.setTimeout(() => this.#on({ type: 'timer' }), ms);
  }

  #endAttempt(): void {
    this.#attempt += 1;
    this.#renewing = false;
    for (const timer of this.#attemptTimers.values()) timer.cancel();
    this.#attemptTimers.clear();
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#transport?.close();
    this.#transport = undefined;
  }

  #during(name: 'ready' | 'renew' | 'probe', ms: number, fn: () => void): void {
    this.#attemptTimers.get(name)?.cancel();
    this.#attemptTimers.set(name, this.#deps.clock.setTimeout(fn, ms));
  }

  #announce(): void {
    const next = this.#statusNow();
    const { phase, transport, url, error } = this.#status;
    if (next.phase === phase && next.transport === transport && next.url === url && next.error === error) return;
    this.#status = next;
    this.#events.status(next);
  }

  #statusNow(): ConnectionStatus {
    const { phase, transport, endpoint, error } = this.#state;
    const common = { transport, url: this.#url(endpoint) };
    if (phase === 'token' || phase === 'opening') return { phase: 'connecting', ...common };
    if (phase === 'waiting') return { phase, ...common, retryInMs: this.#retryInMs };
    return error === undefined ? { phase, ...common } : { phase, ...common, error };
  }

  #url(endpoint: number): string {
    return this.#deps.urls[endpoint % this.#deps.urls.length] ?? '';
  }

  #now(): number {
    return this.#deps.clock.monotonic();
  }
}

/** Whether it says what everything else relies on. */
function isWhole({ userId, serverTs, heartbeatMs, limits }: DownFrameOf<'ready'>): boolean {
  const numbers = [serverTs, heartbeatMs, limits?.frameBytes, limits?.resumeConversations, limits?.sendsInFlight];
  return typeof userId === 'string' && numbers.every((number) => Number.isFinite(number)) && heartbeatMs > 0;
}

/** The catalogue's code of an error. A `ChatError` may come from another copy of this package. */
function codeOf(error: unknown): ErrorCode | undefined {
  const isOne = error instanceof ChatError || (error instanceof Error && error.name === 'ChatError');
  return isOne ? (error as ChatError).code : undefined;
}

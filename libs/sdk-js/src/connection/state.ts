/**
 * The life of a connection as a pure table: `step(state, event)` says what follows and what is to be done. It knows no
 * sockets, timers or tokens; `connection.ts` carries the effects out.
 *
 * Invariant: in `token` and `opening` exactly one attempt is under way; in `waiting` exactly one timer runs; in `online` a
 * timer runs only while a `bye` counts down (`leaving`).
 */
import type { ErrorCode } from '../wire.ts';
import { ABNORMAL_CLOSE, CLOSE, RECONNECT, type Reconnect } from '@messagecore/protocol/constants';
import type { TransportName } from '../transport/transport.ts';

/**
 * `idle` not wanted · `token` waiting for a token · `opening` waiting for `ready` · `online` · `waiting` for the next
 * attempt · `stopped` given up, see `error`.
 */
export type Phase = 'idle' | 'token' | 'opening' | 'online' | 'waiting' | 'stopped';

export interface ConnectionState {
  readonly phase: Phase;
  /** `auto` changes to SSE after WebSocket failed several times, and back. */
  readonly mode: 'auto' | TransportName;
  readonly canRenewToken: boolean;
  /** Transport and endpoint (a running number) of the present attempt or the next. */
  readonly transport: TransportName;
  readonly endpoint: number;
  /** WebSocket attempts in a row that ended before `ready` without a word from the server. */
  readonly misses: number;
  /** Tokens refused in a row, and when the first of them was. */
  readonly refusals: number;
  readonly refusedSince: number;
  /** A `bye` was received: the connection is left when the timer runs out. */
  readonly leaving: boolean;
  /** The token in hand must not be used again. */
  readonly tokenSpent: boolean;
  readonly onlineSince: number;
  readonly error: ErrorCode | undefined;
}

export type ConnectionEvent =
  | { readonly type: 'connect' | 'disconnect' | 'timer' | 'wake' | 'wsWorks' | 'token' }
  | { readonly type: 'tokenFailed'; readonly error?: ErrorCode | undefined }
  | { readonly type: 'ready'; readonly now: number }
  /** Nothing was heard although something was due. */
  | { readonly type: 'silent'; readonly now: number }
  | { readonly type: 'bye'; readonly reconnectInMs: number; readonly expired: boolean }
  | Closed;

interface Closed {
  readonly type: 'closed';
  readonly code: number;
  readonly now: number;
  /** Code and advice of the `error` frame that came before the close, if one did. */
  readonly error?: ErrorCode | undefined;
  readonly retryAfterMs?: number | undefined;
}

export type Effect =
  | { readonly type: 'fetchToken'; readonly fresh: boolean }
  | { readonly type: 'open'; readonly transport: TransportName; readonly endpoint: number }
  /** End the present attempt or connection and hear no more of it. */
  | { readonly type: 'drop' }
  /** Start the timer: at least this long, or longer as the back-off says. */
  | { readonly type: 'wait'; readonly atLeastMs: number; readonly backoff: boolean }
  | { readonly type: 'cancelTimer' }
  | { readonly type: 'resetBackoff' }
  /** Ask the peer for a sign of life now. */
  | { readonly type: 'probe' };

export interface Step {
  readonly state: ConnectionState;
  readonly effects: readonly Effect[];
}

/** Misses after which SSE is tried. */
export const WS_MISSES = 3;
/**
 * A client stops when so many tokens in a row were refused over at least this time. A refusal may pass by itself: servers
 * learn of a new signing key with a delay, and a back end's clock may be ahead.
 */
export const TOKEN_REFUSALS = 3;
export const TOKEN_REFUSED_MS = 60_000;
/** A connection that lasted this long was healthy: the next loss starts the back-off over. */
export const HEALTHY_MS = 5_000;

export function initialState(mode: ConnectionState['mode'], canRenewToken: boolean): ConnectionState {
  return {
    phase: 'idle',
    mode,
    canRenewToken,
    transport: mode === 'sse' ? 'sse' : 'ws',
    endpoint: 0,
    misses: 0,
    refusals: 0,
    refusedSince: 0,
    leaving: false,
    tokenSpent: false,
    onlineSince: 0,
    error: undefined,
  };
}

export function step(state: ConnectionState, event: ConnectionEvent): Step {
  switch (event.type) {
    case 'connect':
      return onConnect(state);
    case 'disconnect':
      return onDisconnect(state);
    case 'token':
      return onToken(state);
    case 'tokenFailed':
      return onTokenFailed(state, event.error);
    case 'ready':
      return onReady(state, event.now);
    case 'bye':
      return onBye(state, event.reconnectInMs, event.expired);
    case 'timer':
      return onTimer(state);
    case 'wake':
      return onWake(state);
    case 'wsWorks':
      return onWsWorks(state);
    case 'silent':
      if (!isOpen(state)) return keep(state);
      return withEffect({ type: 'drop' }, onClosed(state, { type: 'closed', code: ABNORMAL_CLOSE, now: event.now }));
    case 'closed':
      break;
  }
  return isOpen(state) ? onClosed(state, event) : keep(state);
}

function onConnect(state: ConnectionState): Step {
  if (state.phase !== 'idle' && state.phase !== 'stopped') return keep(state);
  const afresh = initialState(state.mode, state.canRenewToken);
  return attempt({ ...afresh, endpoint: state.endpoint, tokenSpent: state.error === 'unauthorized' });
}

function onDisconnect(state: ConnectionState): Step {
  const idle: ConnectionState = { ...state, phase: 'idle', leaving: false, error: undefined };
  return { state: idle, effects: [{ type: 'cancelTimer' }, { type: 'drop' }] };
}

function onToken(state: ConnectionState): Step {
  if (state.phase !== 'token') return keep(state);
  const { transport, endpoint } = state;
  return { state: { ...state, phase: 'opening', tokenSpent: false }, effects: [{ type: 'open', transport, endpoint }] };
}

/** A provider that fails is tried again, unless it says that there is no way. */
function onTokenFailed(state: ConnectionState, error: ErrorCode | undefined): Step {
  if (state.phase !== 'token') return keep(state);
  if (error === 'unauthorized' || error === 'forbidden') return stop(state, error);
  return wait(state, 0);
}

function onReady(state: ConnectionState, now: number): Step {
  if (state.phase !== 'opening') return keep(state);
  return { state: { ...state, phase: 'online', misses: 0, refusals: 0, onlineSince: now }, effects: [] };
}

function onBye(state: ConnectionState, reconnectInMs: number, expired: boolean): Step {
  if (!isOpen(state)) return keep(state);
  return {
    state: { ...state, leaving: true, tokenSpent: state.tokenSpent || expired },
    effects: [{ type: 'wait', atLeastMs: reconnectInMs, backoff: false }],
  };
}

function onTimer(state: ConnectionState): Step {
  if (state.phase === 'waiting') return attempt(state);
  if (state.leaving) return withEffect({ type: 'drop' }, attempt(nextEndpoint(state)));
  return keep(state);
}

/** Somebody has reason to think that the network is back, or gone. */
function onWake(state: ConnectionState): Step {
  if (state.phase === 'waiting') return withEffect({ type: 'cancelTimer' }, attempt(state));
  if (state.phase === 'online') return { state, effects: [{ type: 'probe' }] };
  return keep(state);
}

function onWsWorks(state: ConnectionState): Step {
  if (state.mode !== 'auto' || state.transport !== 'sse' || state.phase !== 'online' || state.leaving)
    return keep(state);
  return withEffect({ type: 'drop' }, attempt({ ...state, transport: 'ws', misses: 0 }));
}

function onClosed(state: ConnectionState, { code, now, error, retryAfterMs = 0 }: Closed): Step {
  const policy = policyFor(code);
  if (policy === 'stop') return stop(state, error ?? (code === CLOSE.malformed ? 'bad_frame' : 'forbidden'));
  if (policy === 'token') return onRefused(state, now);

  const next = nextEndpoint(chooseTransport(state, code));
  // The timer of the `bye` is running already.
  if (state.leaving) return { state: { ...next, phase: 'waiting' }, effects: [] };
  const healthy = state.phase === 'online' && now - state.onlineSince >= HEALTHY_MS;
  const waiting = wait(next, retryAfterMs);
  return healthy ? withEffect({ type: 'resetBackoff' }, waiting) : waiting;
}

/** The first refusal may be a token that just ran out, so it costs no wait. */
function onRefused(state: ConnectionState, now: number): Step {
  const refusals = state.refusals + 1;
  const refusedSince = refusals === 1 ? now : state.refusedSince;
  const lasting = refusals >= TOKEN_REFUSALS && now - refusedSince >= TOKEN_REFUSED_MS;
  if (!state.canRenewToken || lasting) return stop(state, 'unauthorized');
  const next: ConnectionState = { ...state, refusals, refusedSince, tokenSpent: true };
  return refusals === 1 ? withEffect({ type: 'cancelTimer' }, attempt(next)) : wait(next, 0);
}

/**
 * Advice of the catalogue, where this client can follow it: it cannot mend a frame that the server calls malformed, and
 * a normal close that it did not ask for is somebody's in between.
 */
function policyFor(code: number): Reconnect {
  if (code === CLOSE.malformed) return 'stop';
  if (code === CLOSE.normal) return 'later';
  return Object.hasOwn(RECONNECT, code) ? RECONNECT[code as keyof typeof RECONNECT] : 'later';
}

/**
 * After some misses SSE gets its turn; it fails too when the network is down, and then WebSocket is next. An SSE stream
 * that did open stays the way until a probe finds WebSocket working.
 */
function chooseTransport(state: ConnectionState, code: number): ConnectionState {
  if (state.mode !== 'auto' || state.phase === 'online') return state;
  if (state.transport === 'sse') return { ...state, transport: 'ws' };
  if (code !== ABNORMAL_CLOSE) return state;
  const misses = state.misses + 1;
  return { ...state, misses, transport: misses >= WS_MISSES ? 'sse' : 'ws' };
}

function attempt(state: ConnectionState): Step {
  const next: ConnectionState = { ...state, phase: 'token', leaving: false, error: undefined };
  return { state: next, effects: [{ type: 'fetchToken', fresh: state.tokenSpent }] };
}

function wait(state: ConnectionState, atLeastMs: number): Step {
  return {
    state: { ...state, phase: 'waiting', leaving: false },
    effects: [{ type: 'wait', atLeastMs, backoff: true }],
  };
}

function stop(state: ConnectionState, error: ErrorCode): Step {
  return { state: { ...state, phase: 'stopped', leaving: false, error }, effects: [{ type: 'cancelTimer' }] };
}

function nextEndpoint(state: ConnectionState): ConnectionState {
  return { ...state, endpoint: state.endpoint + 1 };
}

function isOpen(state: ConnectionState): boolean {
  return state.phase === 'opening' || state.phase === 'online';
}

function keep(state: ConnectionState): Step {
  return { state, effects: [] };
}

function withEffect(first: Effect, { state, effects }: Step): Step {
  return { state, effects: [first, ...effects] };
}

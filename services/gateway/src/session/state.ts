/**
 * The life of a session as a pure table: in each state, each event leads to one state and a list of effects. Nothing here
 * knows a socket, a clock or a frame; session.ts carries the effects out.
 */
import { CLOSE, type CloseCode, type DownFrameOf, type ErrorCode } from '@messagecore/protocol';

/**
 * `waiting` for a token; `opening`: a token is being verified; `ready`; `draining`: told to go elsewhere, still served;
 * `closed`: nothing comes or goes any more.
 */
export type State = 'waiting' | 'opening' | 'ready' | 'draining' | 'closed';

export type SessionEvent =
  /** An auth frame, or the token in the URL. */
  | 'auth'
  /** Any other frame, or one that cannot be read. */
  | 'frame'
  /** The token is good; on a renewal, for the same user. */
  | 'opened'
  /** The token is bad, or a renewal names another user. */
  | 'refused'
  /** The user or the tenant is barred. */
  | 'barred'
  /** The token could not be verified just now. */
  | 'unverified'
  /** No token in time. */
  | 'authTimeout'
  /** More frames than may wait while the token is verified. */
  | 'backlog'
  | 'expired'
  /** Nothing was heard for too long. */
  | 'silent'
  | 'malformed'
  | 'flooding'
  /** Lagging for too long. */
  | 'tooFarBehind'
  | 'revoked'
  | 'deactivated'
  | 'suspended'
  /** The gateway is about to stop. */
  | 'drain'
  /** The time to leave by oneself is over. */
  | 'drained'
  /** The connection has ended. */
  | 'gone';

export type Effect =
  /** Have the token verified. */
  | { readonly do: 'verify' }
  /** Keep the frame until the token is verified. */
  | { readonly do: 'keep' }
  | { readonly do: 'dispatch' }
  /** Take over what the token says and send `ready`. */
  | { readonly do: 'welcome' }
  /** Dispatch what was kept. */
  | { readonly do: 'dispatchKept' }
  | { readonly do: 'error'; readonly code: ErrorCode }
  /** The error that came with the event. */
  | { readonly do: 'errorGiven' }
  | { readonly do: 'bye'; readonly reason: DownFrameOf<'bye'>['reason'] }
  | { readonly do: 'close'; readonly code: CloseCode }
  /** Close with the code that the catalogue has for the error that came with the event. */
  | { readonly do: 'closeGiven' }
  /** Leave every room, stop every claim on the gateway. Once in a session's life. */
  | { readonly do: 'release' };

export interface Cell {
  readonly to: State;
  readonly effects: readonly Effect[];
}

const stay = (to: State, ...effects: Effect[]): Cell => ({ to, effects });
const end = (...effects: Effect[]): Cell => ({ to: 'closed', effects: [...effects, { do: 'release' }] });

const error = (code: ErrorCode): Effect => ({ do: 'error', code });
const bye = (reason: DownFrameOf<'bye'>['reason']): Effect => ({ do: 'bye', reason });
const close = (code: CloseCode): Effect => ({ do: 'close', code });
const errorGiven: Effect = { do: 'errorGiven' };
const closeGiven: Effect = { do: 'closeGiven' };
const verify: Effect = { do: 'verify' };

/** What ends a session in every state in which it lives. */
const ENDS = {
  silent: end(close(CLOSE.timeout)),
  malformed: end(close(CLOSE.malformed)),
  flooding: end(close(CLOSE.flooding)),
  gone: end(),
} as const;

/** What can happen only to a session that has a user. */
const ENDS_OF_USER = {
  expired: end(bye('expired'), close(CLOSE.unauthorized)),
  tooFarBehind: end(bye('lagging'), close(CLOSE.tooFarBehind)),
  revoked: end(bye('revoked'), close(CLOSE.unauthorized)),
  deactivated: end(error('forbidden'), close(CLOSE.forbidden)),
  suspended: end(error('tenant_suspended'), bye('suspended'), close(CLOSE.forbidden)),
} as const;

const WAITING = stay('waiting');
const OPENING = stay('opening');
const CLOSED = stay('closed');

export const TABLE: Readonly<Record<State, Readonly<Record<SessionEvent, Cell>>>> = {
  waiting: {
    ...ENDS,
    auth: stay('opening', verify),
    frame: end(error('unauthorized'), close(CLOSE.unauthorized)),
    authTimeout: end(close(CLOSE.timeout)),
    drain: end(bye('draining'), close(CLOSE.restart)),
    drained: end(close(CLOSE.restart)),
    opened: WAITING,
    refused: WAITING,
    barred: WAITING,
    unverified: WAITING,
    backlog: WAITING,
    expired: WAITING,
    tooFarBehind: WAITING,
    revoked: WAITING,
    deactivated: WAITING,
    suspended: WAITING,
  },
  opening: {
    ...ENDS,
    auth: stay('opening', { do: 'keep' }),
    frame: stay('opening', { do: 'keep' }),
    opened: stay('ready', { do: 'welcome' }, { do: 'dispatchKept' }),
    refused: end(errorGiven, close(CLOSE.unauthorized)),
    barred: end(errorGiven, close(CLOSE.forbidden)),
    unverified: end(errorGiven, closeGiven),
    backlog: end(error('rate_limited'), close(CLOSE.flooding)),
    drain: end(bye('draining'), close(CLOSE.restart)),
    drained: end(close(CLOSE.restart)),
    authTimeout: OPENING,
    expired: OPENING,
    tooFarBehind: OPENING,
    revoked: OPENING,
    deactivated: OPENING,
    suspended: OPENING,
  },
  ready: {
    ...ENDS,
    ...ENDS_OF_USER,
    auth: stay('ready', verify),
    frame: stay('ready', { do: 'dispatch' }),
    opened: stay('ready', { do: 'welcome' }),
    refused: end(errorGiven, close(CLOSE.unauthorized)),
    barred: end(errorGiven, close(CLOSE.forbidden)),
    unverified: stay('ready', errorGiven),
    drain: stay('draining', bye('draining')),
    drained: end(close(CLOSE.restart)),
    authTimeout: stay('ready'),
    backlog: stay('ready'),
  },
  draining: {
    ...ENDS,
    ...ENDS_OF_USER,
    auth: stay('draining', verify),
    frame: stay('draining', { do: 'dispatch' }),
    opened: stay('draining', { do: 'welcome' }),
    refused: end(errorGiven, close(CLOSE.unauthorized)),
    barred: end(errorGiven, close(CLOSE.forbidden)),
    unverified: stay('draining', errorGiven),
    drained: end(close(CLOSE.restart)),
    drain: stay('draining'),
    authTimeout: stay('draining'),
    backlog: stay('draining'),
  },
  closed: {
    auth: CLOSED,
    frame: CLOSED,
    opened: CLOSED,
    refused: CLOSED,
    barred: CLOSED,
    unverified: CLOSED,
    authTimeout: CLOSED,
    backlog: CLOSED,
    expired: CLOSED,
    silent: CLOSED,
    malformed: CLOSED,
    flooding: CLOSED,
    tooFarBehind: CLOSED,
    revoked: CLOSED,
    deactivated: CLOSED,
    suspended: CLOSED,
    drain: CLOSED,
    drained: CLOSED,
    gone: CLOSED,
  },
};

export function step(state: State, event: SessionEvent): Cell {
  return TABLE[state][event];
}

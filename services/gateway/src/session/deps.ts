/** What sessions are made with. */
import type { Clock } from '@messagecore/kernel';
import type { Rate } from '@messagecore/protocol';
import type { RpcError, RpcResult } from '@messagecore/protocol/bus';
import type { Logger } from '@messagecore/runtime';
import type { Allowances } from './allowances.ts';
import type { JoinTurns } from './join-turns.ts';
import type { Observation } from './observe-sends.ts';
import type { RevocationLog } from './revocation-log.ts';
import type { Pacer } from './pacer.ts';
import type { Presence, Rooms, Typing, Upstream } from './ports.ts';
import type { SessionEvent } from './state.ts';
import type { Watchers } from './watchers.ts';

export type Identity = RpcResult<'open'>;

/** Times that a session keeps, in milliseconds. */
export interface SessionTiming {
  readonly authTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly deadPeerMs: number;
  readonly lagCloseMs: number;
  /** How often each token is verified again, in case the event that ends its session was lost. */
  readonly reverifyMs: number;
}

/** What all sessions of a gateway share; `S` is the session itself. */
export interface SessionDepsOf<S> {
  readonly clock: Clock;
  readonly log: Logger;
  readonly timing: SessionTiming;
  readonly rooms: Rooms;
  readonly upstream: Upstream;
  readonly typing: Typing;
  readonly watchers: Watchers;
  readonly presence: Presence;
  readonly pacer: Pacer;
  readonly joinTurns: JoinTurns;
  readonly allowances: Allowances;
  /** Rate for connections that have no user yet. */
  readonly framesPerConnection: Rate;
  /**
   * Verifies a token; sees to it that the tenant's events are heard from before that on. Asks with `unread` what the user has not
   * read, too.
   */
  readonly verify: (jwt: string, unread?: boolean) => Promise<Identity | RpcError>;
  /** The same for a token that was good before; keeps nobody waiting who is about to open a session. */
  readonly verifyAgain: (jwt: string) => Promise<Identity | RpcError>;
  readonly revocations: RevocationLog;
  /** Why the user may open no further session, of the own or of the tenant's; undefined when there is room. */
  readonly refusalToOpen?: (user: Pick<Identity, 'tid' | 'uid'>) => RpcError | undefined;
  /** Milliseconds that the client should wait before it reconnects elsewhere. */
  readonly reconnectInMs: () => number;
  readonly onOpened: (session: S) => void;
  readonly onLagging: () => void;
  /** The client went on from a cursor. */
  readonly onResumed: () => void;
  /** A conversation that the client had missed something of is live, so many milliseconds after the replay began. */
  readonly onReplayed: (ms: number) => void;
  /** A send was acknowledged, or refused with this. */
  readonly onSendAnswered: (refusal: RpcError | undefined) => void;
  /** Records nothing when left out. */
  readonly observation?: Observation;
  /** The session has ended, because of this. */
  readonly onClosed: (session: S, why: SessionEvent) => void;
}

/** What a frame is about, as far as it can be told; goes into the error that answers it. */
export interface About {
  readonly ref?: string;
  readonly cid?: string;
}

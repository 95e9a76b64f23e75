import type { FlushScheduler } from '../egress/flush-scheduler.ts';
import { type OnUnencodable, WsSink } from '../egress/ws-sink.ts';
import { Session, type SessionDeps } from '../session/session.ts';
import type { WebSocket } from 'ws';
import { Gate } from './gate.ts';
import type { Connection } from './upgrade.ts';

interface Attached {
  readonly session: Session;
  readonly sink: WsSink;
  readonly gate: Gate;
}

/** What belongs to a socket. Listeners are shared by all sockets and find their session here. */
const attached = new WeakMap<WebSocket, Attached>();

export interface ConnectDeps {
  readonly scheduler: FlushScheduler;
  readonly session: SessionDeps;
  readonly newSid: () => string;
  readonly onUnencodable: OnUnencodable;
  /** From where it comes. */
  readonly address: string;
}

/** Creates the session of an upgraded connection and passes the connection's events to it. */
export function connect({ ws, socket, encoding, token, inbox }: Connection, deps: ConnectDeps): Session {
  const sink = new WsSink(ws, socket, encoding, deps.scheduler, deps.onUnencodable);
  const session = new Session(deps.newSid(), sink, deps.session);
  attached.set(ws, { session, sink, gate: new Gate(session, encoding, deps.session.clock) });
  ws.on('message', onMessage);
  ws.on('ping', onPing);
  ws.on('pong', onPong);
  ws.on('close', onClose);
  ws.on('error', onError);
  session.inbox = inbox;
  session.address = deps.address;
  if (token !== undefined) session.authenticate(token);
  return session;
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  // With the default binary type `ws` gives one Buffer a message.
  const { gate, session } = attached.get(this) ?? {};
  gate?.receive(data as Buffer, isBinary);
  session?.received((data as Buffer).length, this);
}

function onPing(this: WebSocket, payload: Buffer): void {
  const { gate, sink } = attached.get(this) ?? {};
  if (gate?.receivePing() === true) sink?.pong(payload);
}

/** Unasked pongs count as frames, so that a flood of them is closed like any other. */
function onPong(this: WebSocket): void {
  attached.get(this)?.gate.receivePing();
}

function onClose(this: WebSocket): void {
  attached.get(this)?.session.dispatch('gone');
}

/** A peer that breaks the protocol or the line; `ws` closes, and `close` follows. */
function onError(this: WebSocket): void {}

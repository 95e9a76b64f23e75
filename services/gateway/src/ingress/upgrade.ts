import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  ChatError,
  type Encoding,
  ERRORS,
  type ErrorCode,
  LIMITS,
  rawProblem,
  SUBPROTOCOLS,
} from '@messagecore/protocol';
import { urlOf } from './http.ts';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** How long a peer may take to answer the closing handshake. */
const CLOSE_TIMEOUT_MS = 5_000;
const PATH = '/ws';
/** Advice to clients that cannot be served now. */
const RETRY_AFTER_MS = 2_000;

export interface Connection {
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly encoding: Encoding;
  /** The token of the URL. */
  readonly token: string | undefined;
}

export interface UpgradeOptions {
  /** False while the gateway takes no new connections. */
  readonly isOpen: (request: IncomingMessage, hasToken: boolean) => boolean;
  readonly onConnection: (connection: Connection) => void;
}

/** Handles `upgrade` events of an HTTP server: turns `GET /ws` into a connection, refuses everything else. */
export function createUpgrade({ isOpen, onConnection }: UpgradeOptions) {
  // The published types do not know `closeTimeout` yet.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
    closeTimeout: CLOSE_TIMEOUT_MS,
    // Pongs go through the sink, which is bounded.
    autoPong: false,
    handleProtocols: (offered) => Object.values(SUBPROTOCOLS).find((name) => offered.has(name)) ?? false,
  };
  const server = new WebSocketServer(options);

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Until `ws` takes over, a peer that resets must not end the process.
    const ignore = () => {};
    socket.on('error', ignore);
    const url = urlOf(request);
    if (url?.pathname !== PATH) return refuse(socket, 'not_found');
    const token = url.searchParams.get('token') ?? undefined;
    if (!offersKnown(request)) return refuse(socket, 'bad_request');
    if (!isOpen(request, token !== undefined)) return refuse(socket, 'unavailable');
    server.handleUpgrade(request, socket, head, (ws) => {
      socket.off('error', ignore);
      const encoding = ws.protocol === SUBPROTOCOLS.msgpack ? 'msgpack' : 'json';
      onConnection({ ws, socket: socket as Socket, encoding, token });
    });
  };
}

/** False when sub-protocols are offered, but none that we speak. */
function offersKnown({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'];
  if (offered === undefined) return true;
  const known: readonly string[] = Object.values(SUBPROTOCOLS);
  return offered.split(',').some((name) => known.includes(name.trim()));
}

function refuse(socket: Duplex, code: ErrorCode): void {
  const error = new ChatError(code, undefined, code === 'unavailable' ? { retryAfterMs: RETRY_AFTER_MS } : {});
  socket.end(rawProblem(error, STATUS_CODES[ERRORS[code].http] ?? ''));
}

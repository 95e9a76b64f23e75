import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ChatError, type Encoding, ERRORS, LIMITS, rawProblem, SUBPROTOCOLS } from '@messagecore/protocol';
import { hangUp } from '@messagecore/runtime';
import { asksForInbox, tokenOf } from './credentials.ts';
import { urlOf } from './http.ts';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** How long a peer may take to answer the closing handshake. */
const CLOSE_TIMEOUT_MS = 5_000;
const PATHS: readonly string[] = ['/ws', '/ws/'];

export interface Connection {
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly encoding: Encoding;
  /** The token that came with the request. */
  readonly token: string | undefined;
  /** The request asks for `inbox` frames. */
  readonly inbox: boolean;
}

export interface UpgradeOptions {
  /** Why the connection is not taken; undefined when it is. */
  readonly refusalOf: (request: IncomingMessage) => ChatError | undefined;
  /** Other origins whose pages may come with a cookie. */
  readonly cookieOrigins: readonly string[];
  readonly onConnection: (connection: Connection, request: IncomingMessage) => void;
}

/** Handles `upgrade` events of an HTTP server: turns `GET /ws` (or `/ws/`) into a connection, refuses everything else. */
export function createUpgrade({ refusalOf, cookieOrigins, onConnection }: UpgradeOptions) {
  // The published types do not know all of these yet.
  const options: ServerOptions & { closeTimeout: number; maxFragments: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
    maxFragments: LIMITS.frameFragments,
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
    // First of all, so that whatever is wrong with a request, it counts.
    const refusal = refusalOf(request);
    if (refusal !== undefined) return refuse(socket, refusal);
    const url = urlOf(request);
    if (url === undefined || !PATHS.includes(url.pathname)) return refuse(socket, new ChatError('not_found'));
    if (!offersKnown(request))
      return refuse(socket, new ChatError('bad_request', 'no sub-protocol that is spoken here'));
    const token = tokenOf(request, url, cookieOrigins);
    server.handleUpgrade(request, socket, head, (ws) => {
      socket.off('error', ignore);
      const encoding = ws.protocol === SUBPROTOCOLS.msgpack ? 'msgpack' : 'json';
      onConnection({ ws, socket: socket as Socket, encoding, token, inbox: asksForInbox(url) }, request);
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

function refuse(socket: Duplex, error: ChatError): void {
  hangUp(socket, rawProblem(error, STATUS_CODES[ERRORS[error.code].http] ?? ''));
}

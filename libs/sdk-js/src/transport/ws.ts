import type { Clock } from '@messagecore/kernel';
import type { Encoding } from '../wire.ts';
import { ABNORMAL_CLOSE, CLOSE, SUBPROTOCOLS } from '@messagecore/protocol/constants';
import type { Codec } from './codec.ts';
import type { OpenTransport, Transport, TransportEvents } from './transport.ts';

/** The part of the standard WebSocket that is used; browsers, Node and test doubles have it. */
export interface WebSocketLike {
  binaryType: string;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
  send(data: string | Uint8Array): void;
  close(code?: number): void;
}
export type WebSocketConstructor = new (url: string, protocols: string) => WebSocketLike;

export interface WsDeps {
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly encoding: Encoding;
  readonly loadCodec: (encoding: Encoding) => Promise<Codec>;
  /** Whether `inbox` frames are wanted. */
  readonly inbox?: boolean | undefined;
}

/** One WebSocket. The token goes in the first frame rather than in the URL, where logs would keep it. */
export function openWebSocket(
  { WebSocket, encoding, loadCodec, inbox }: WsDeps,
  open: OpenTransport,
  events: TransportEvents,
): Transport {
  let socket: WebSocketLike | undefined;
  let codec: Codec | undefined;
  let closed = false;
  const over = (code: number) => {
    if (closed) return;
    closed = true;
    events.closed(code);
  };

  const start = async () => {
    codec = await loadCodec(encoding);
    if (closed) return;
    const { encode, decode } = codec;
    if (WebSocket === undefined) throw new TypeError('no WebSocket');
    socket = new WebSocket(open.url, SUBPROTOCOLS[encoding]);
    socket.binaryType = 'arraybuffer';
    const live = socket;
    live.addEventListener('open', () => live.send(encode({ t: 'auth', jwt: open.token, inbox })));
    live.addEventListener('message', ({ data }) => {
      if (closed) return;
      try {
        events.frame(decode(data));
      } catch (error) {
        events.unreadable(error);
      }
    });
    // An error is always followed by a close.
    live.addEventListener('close', ({ code }) => over(code));
  };
  // A URL that cannot be opened at all, or one that a page's policy forbids, throws here.
  start().catch(() => over(ABNORMAL_CLOSE));

  return {
    send(frame) {
      if (closed || socket === undefined || codec === undefined) return false;
      socket.send(codec.encode(frame));
      return true;
    },
    close() {
      closed = true;
      socket?.close(CLOSE.normal);
    },
  };
}

/** Whether a WebSocket to this address opens at all within `withinMs`; it is closed at once. */
export function webSocketOpens(
  WebSocket: WebSocketConstructor | undefined,
  url: string,
  { clock, withinMs }: { readonly clock: Clock; readonly withinMs: number },
): Promise<boolean> {
  return new Promise((resolve) => {
    if (WebSocket === undefined) return resolve(false);
    try {
      const socket = new WebSocket(url, SUBPROTOCOLS.json);
      const timer = clock.setTimeout(() => settle(false), withinMs);
      const settle = (opened: boolean) => {
        timer.cancel();
        socket.close(CLOSE.normal);
        resolve(opened);
      };
      socket.addEventListener('open', () => settle(true));
      socket.addEventListener('close', () => settle(false));
    } catch {
      resolve(false);
    }
  });
}

import { type Clock, type Random, systemClock } from '@messagecore/kernel';
import { apiAddress, httpBeside, webSocketAddress } from './addresses.ts';
import type { FetchLike } from './rest.ts';
import type { TokenProvider } from './token.ts';
import type { TransportName } from './transport/transport.ts';
import type { WebSocketConstructor } from './transport/ws.ts';
import type { Encoding } from './wire.ts';

export interface ClientOptions {
  /**
   * Address of a gateway, or of several to change between: `wss://chat.example.com/ws`. In a page it may be relative, and
   * `https:` stands for `wss:`.
   */
  readonly url: string | readonly string[];
  /**
   * Address of the REST API, without `/v1`, for history, lists and the way without WebSocket. When left out, where the
   * first gateway is: `https://example.com/chat` for `wss://example.com/chat/ws`.
   */
  readonly api?: string;
  /** A token, or a function that gets one: called again before it expires, when it was refused, and after `close`. */
  readonly token: TokenProvider;
  /** Id of this device, kept over restarts of the application: 1 to 64 characters. */
  readonly clientId: string;
  readonly encoding?: Encoding;
  /** `auto` uses WebSocket, and SSE with POST while WebSocket cannot be opened or is not there. */
  readonly transport?: 'auto' | TransportName;
  /** Whether to tell the server how far this device has received. True when left out. */
  readonly receipts?: boolean;
  /**
   * Whether to be told by `inbox` events of new messages in conversations that are not joined. False when left out.
   */
  readonly inbox?: boolean;
  /** Bounds of what waits to be acknowledged; beyond them `send` throws. */
  readonly maxUnsentMessages?: number;
  readonly maxUnsentBytes?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  /** The platform's own when left out. Node 20 has none: give it the one of the package `ws`. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  readonly fetch?: FetchLike;
}

export interface Settings extends Required<Omit<ClientOptions, 'url' | 'WebSocket' | 'inbox'>> {
  readonly urls: readonly string[];
  readonly inbox?: boolean | undefined;
  readonly WebSocket: WebSocketConstructor | undefined;
}

/** Node has one since version 22. */
function platformWebSocket(): WebSocketConstructor | undefined {
  return (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
}

/** Fills in what was left out. Throws a `TypeError` for an address that is none, and for a WebSocket that is missing. */
export function settingsOf(options: ClientOptions): Settings {
  const given = typeof options.url === 'string' ? [options.url] : options.url;
  const urls = given.map(webSocketAddress);
  const [first] = urls;
  if (first === undefined) throw new TypeError('`url` names no gateway');
  const { WebSocket = platformWebSocket(), transport = 'auto' } = options;
  if (WebSocket === undefined && transport === 'ws')
    throw new TypeError('there is no WebSocket here: give one as `WebSocket`, such as that of the package `ws`');
  return {
    encoding: 'json',
    receipts: true,
    maxUnsentMessages: 10_000,
    maxUnsentBytes: 16 * 1024 * 1024,
    clock: systemClock,
    random: Math.random,
    // Browsers refuse to run `fetch` as the method of another object.
    fetch: (...request) => globalThis.fetch(...request),
    ...options,
    api: options.api === undefined ? httpBeside(first) : apiAddress(options.api),
    transport: WebSocket === undefined ? 'sse' : transport,
    WebSocket,
    urls,
  };
}

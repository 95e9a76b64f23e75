import { type Clock, type Random, systemClock } from '@messagecore/kernel';
import type { Encoding } from '@messagecore/protocol';
import type { FetchLike } from './rest.ts';
import type { TokenProvider } from './token.ts';
import type { TransportName } from './transport/transport.ts';
import type { WebSocketConstructor } from './transport/ws.ts';

export interface ClientOptions {
  /** Address of a gateway, or of several to change between: `wss://chat.example.com/ws`. */
  readonly url: string | readonly string[];
  /** Address of the REST API, for history, lists and the way without WebSocket. The gateway's origin when left out. */
  readonly api?: string;
  /** A token, or a function that gets one: called again before it expires and when it was refused. */
  readonly token: TokenProvider;
  /** Id of this device, kept over restarts of the application: 1 to 64 characters. */
  readonly clientId: string;
  readonly encoding?: Encoding;
  /** `auto` uses WebSocket, and SSE with POST while WebSocket cannot be opened. */
  readonly transport?: 'auto' | TransportName;
  /** Whether to tell the server how far this device has received. True when left out. */
  readonly receipts?: boolean;
  /** Bounds of what waits to be acknowledged; beyond them `send` throws. */
  readonly maxUnsentMessages?: number;
  readonly maxUnsentBytes?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly WebSocket?: WebSocketConstructor;
  readonly fetch?: FetchLike;
}

export interface Settings extends Required<Omit<ClientOptions, 'url'>> {
  readonly urls: readonly string[];
}

/** Fills in what was left out. */
export function settingsOf(options: ClientOptions): Settings {
  const urls = typeof options.url === 'string' ? [options.url] : options.url;
  return {
    api: originOf(urls[0] ?? ''),
    encoding: 'json',
    transport: 'auto',
    receipts: true,
    maxUnsentMessages: 10_000,
    maxUnsentBytes: 16 * 1024 * 1024,
    clock: systemClock,
    random: Math.random,
    WebSocket: globalThis.WebSocket,
    // Browsers refuse to run `fetch` as the method of another object.
    fetch: (...request) => globalThis.fetch(...request),
    ...options,
    urls,
  };
}

/** Where HTTP is spoken at the address of a gateway. */
export function originOf(webSocketUrl: string): string {
  return new URL(webSocketUrl.replace(/^ws/, 'http')).origin;
}

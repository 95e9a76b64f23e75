import type { DownFrame, UpFrame } from '../wire.ts';
import type { StartAt } from '../conversation/cursor.ts';

export type TransportName = 'ws' | 'sse';

/** What a transport tells the connection. After `closed`, or once the connection has called `close`, it is silent. */
export interface TransportEvents {
  frame(frame: DownFrame): void;
  /** Something arrived that is no frame: the peer lives. */
  alive(): void;
  /** Something arrived that cannot be read as a frame, or not be made use of. What comes after it is not affected. */
  unreadable(error: unknown): void;
  /** It is over, or never came about. `code` is a WebSocket close code. */
  closed(code: number): void;
}

/** One attempt at a way to the server. It authenticates by itself; `ready` is its first frame. */
export interface Transport {
  /** False for what it has no way for. */
  send(frame: UpFrame): boolean;
  /** Ends it at once, without an event. */
  close(): void;
}

/** Where each joined conversation stands; without `since` it is joined live only. */
export type Positions = ReadonlyMap<string, StartAt>;

export interface OpenTransport {
  readonly url: string;
  readonly token: string;
  /** Where the joined conversations stand now, for transports that name them when they open. */
  readonly positions: () => Positions;
}

export type TransportFactory = (open: OpenTransport, events: TransportEvents) => Transport;

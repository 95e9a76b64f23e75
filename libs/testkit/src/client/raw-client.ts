import { createUlid, deferred } from '@messagecore/kernel';
import {
  decodeDown,
  type DownFrame,
  type Encoding,
  encodeFrame,
  SUBPROTOCOLS,
  type UpFrame,
} from '@messagecore/protocol';
import { WebSocket } from 'ws';
import { FrameRecord } from './record.ts';

export interface RawOptions {
  /** Address of a gateway: `ws://host:port/ws`. */
  readonly url: string;
  /** Goes into the URL; without it the session has to send `auth` itself. */
  readonly token?: string;
  /** Asks for `inbox` frames. */
  readonly inbox?: boolean;
  readonly encoding?: Encoding;
  /** Offered sub-protocols, when they should not be what `encoding` says. */
  readonly protocols?: readonly string[];
  readonly clientId?: string;
  readonly perMessageDeflate?: boolean;
  /** False leaves protocol pings unanswered. */
  readonly autoPong?: boolean;
  /** Certificate of the authority that is trusted, in PEM, for `wss://`. */
  readonly ca?: string;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface SendOptions {
  readonly mid?: string;
  readonly kind?: string;
  readonly body?: Record<string, unknown>;
  readonly replyTo?: number;
  readonly threadRoot?: number;
  readonly showInChannel?: boolean;
  readonly expiresIn?: number;
  readonly expiresAfterRead?: number;
  readonly at?: number;
  readonly clientId?: string;
}

const ulid = createUlid();
export const newMid = (): string => ulid();

/**
 * One WebSocket session that does exactly what it is told and nothing by itself: no retry, no resume, no heartbeat but
 * the protocol's pong. It records every frame.
 */
export class RawClient {
  readonly record = new FrameRecord();
  readonly socket: WebSocket;
  readonly encoding: Encoding;
  readonly clientId: string;
  readonly #closed = deferred<Closed>();

  constructor({ url, token, inbox, encoding = 'json', protocols, clientId = 'raw', ...socketOptions }: RawOptions) {
    this.encoding = encoding;
    this.clientId = clientId;
    const asked = new URLSearchParams({
      ...(token !== undefined && { token }),
      ...(inbox === true && { inbox: 'true' }),
    });
    const address = asked.size === 0 ? url : `${url}?${asked.toString()}`;
    this.socket = new WebSocket(address, [...(protocols ?? [SUBPROTOCOLS[encoding]])], {
      perMessageDeflate: false,
      ...socketOptions,
    });
    this.socket.on('message', (data: Buffer, isBinary) => this.#received(data, isBinary));
    let failure = '';
    this.socket.on('error', (error) => (failure = error.message));
    this.socket.on('close', (code, reason) => {
      this.record.end(`closed with ${code} ${reason.toString() || failure}`);
      this.#closed.resolve({ code, reason: reason.toString() });
    });
  }

  /** Opens a session and waits for `ready`. */
  static async open(options: RawOptions & { readonly token: string }): Promise<RawClient> {
    const client = new RawClient(options);
    await client.record.next('ready');
    return client;
  }

  get frames(): readonly DownFrame[] {
    return this.record.all;
  }

  /** How the connection ended. Never rejects. */
  get closed(): Promise<Closed> {
    return this.#closed.promise;
  }

  /** Settles when the socket is open; rejects when the upgrade is refused, with the status in the message. */
  opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.OPEN) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
  }

  sendFrame(frame: UpFrame): void {
    this.socket.send(encodeFrame(frame, this.encoding));
  }

  /** Sends bytes or text as they are, well formed or not. */
  sendRaw(data: string | Uint8Array): void {
    this.socket.send(data);
  }

  /** Sends a text message and returns its `mid`. */
  say(cid: string, text: string, more: SendOptions = {}): string {
    const { mid = newMid(), kind = 'text', body = { text }, at = Date.now(), clientId = this.clientId, ...rest } = more;
    this.sendFrame({ t: 'send', cid, mid, clientId, at, kind, body, ...rest });
    return mid;
  }

  /** Sends a text message and waits for its `ack`; returns its `seq`. */
  async sayAndWait(cid: string, text: string, more: SendOptions = {}): Promise<number> {
    const from = this.frames.length;
    const mid = this.say(cid, text, more);
    return (await this.record.next('ack', { cid, mid }, { from })).pos;
  }

  /** Joins and waits for `joined`. */
  async join(cid: string, cursor: { since?: number; rev?: number; epoch?: number } = {}) {
    const from = this.frames.length;
    this.sendFrame({ t: 'join', cid, ...cursor });
    return this.record.next('joined', { cid }, { from });
  }

  /** Waits for the answer to a `ping`, so that everything the server sent in answer to earlier frames has come. */
  async settle(): Promise<void> {
    const from = this.frames.length;
    const at = from + Math.floor(performance.now() * 1_000);
    this.sendFrame({ t: 'ping', at });
    await this.record.next('pong', { at }, { from });
  }

  /** Stops and resumes reading from the socket: the peer's writes pile up meanwhile. */
  pauseReading(): void {
    this.socket.pause();
  }
  resumeReading(): void {
    this.socket.resume();
  }

  async close(): Promise<Closed> {
    this.socket.close();
    return this.closed;
  }

  /** Destroys the connection without a closing handshake. */
  cut(): void {
    this.socket.terminate();
  }

  #received(data: Buffer, isBinary: boolean): void {
    const frame = decodeDown(isBinary ? data : data.toString('utf8'), isBinary ? 'msgpack' : 'json');
    this.record.add(frame);
  }
}

/** WebSocket by hand, over TCP: every bit of every frame is the test's own. */
import { connect, type Socket } from 'node:net';

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameOptions {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  readonly fin?: boolean;
  /** The three reserved bits. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** What the length field says, when it should not be the truth. */
  readonly length?: number | bigint;
}

/** The bytes of a frame as a client sends it. */
export function frameBytes(options: FrameOptions): Buffer {
  const { opcode, payload = '', fin = true, rsv = 0, masked = true } = options;
  const bytes = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const head = Buffer.concat([Buffer.from([first]), lengthField(options.length ?? bytes.length)]);
  if (!masked) return Buffer.concat([head, bytes]);
  head[1] = (head[1] ?? 0) | 0x80;
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  return Buffer.concat([head, Buffer.from(mask), bytes.map((byte, at) => byte ^ mask[at % 4]!)]);
}

function lengthField(length: number | bigint): Buffer {
  if (length < 126) return Buffer.from([Number(length)]);
  if (length < 65_536) {
    const field = Buffer.alloc(3, 126);
    field.writeUInt16BE(Number(length), 1);
    return field;
  }
  const field = Buffer.alloc(9, 127);
  field.writeBigUInt64BE(BigInt(length), 1);
  return field;
}

/** The payload of a close frame. */
export function closePayload(code: number, reason: Uint8Array | string = ''): Buffer {
  const field = Buffer.alloc(2);
  field.writeUInt16BE(code);
  return Buffer.concat([field, Buffer.from(reason)]);
}

export interface Received {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** How a connection ended: the code of the close frame, if one came. */
export interface Ended {
  readonly code: number | undefined;
}

const PATIENCE_MS = 10_000;

/** A connection that sends what it is told, reads frames, and does nothing by itself: not even a pong. */
export class RawSocket {
  readonly socket: Socket;
  readonly received: Received[] = [];
  /** The head of the answer to the upgrade. */
  head = '';
  readonly #ended = Promise.withResolvers<Ended>();
  readonly #waiters = new Set<() => void>();
  #isOver = false;
  #rest: Buffer = Buffer.alloc(0);
  #code: number | undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.#isOver = true;
      this.#ended.resolve({ code: this.#code });
      for (const wake of this.#waiters) wake();
    });
  }

  /** Connects, upgrades, and waits for the answer, whatever it is. */
  static async upgrade(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<RawSocket> {
    const raw = new RawSocket(port);
    raw.write(upgradeRequest(path, headers));
    await raw.until('an answer to the upgrade', () => raw.head !== '');
    return raw;
  }

  /** True when the server has sent a close frame or ended the connection. */
  get isOver(): boolean {
    return this.#isOver || this.received.at(-1)?.opcode === OPCODES.close;
  }

  /** Of the close frame, if one came with a code. */
  get code(): number | undefined {
    return this.#code;
  }

  /** Settles when the connection is gone. Never rejects. */
  get ended(): Promise<Ended> {
    return this.#ended.promise;
  }

  write(bytes: Uint8Array | string): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  send(options: FrameOptions): void {
    this.write(frameBytes(options));
  }

  /** Settles once the condition holds. @throws Error when the connection ends first, or nothing happens for long. */
  until(what: string, condition: () => boolean, timeoutMs = PATIENCE_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(() => reject(new Error(`waited for ${what}`))), timeoutMs);
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        settle();
      };
      const look = () => {
        try {
          if (condition()) finish(resolve);
          else if (this.isOver) throw new Error(`ended (${this.#code}) before ${what}`);
        } catch (error) {
          finish(() => reject(error));
        }
      };
      this.#waiters.add(look);
      look();
    });
  }

  cut(): void {
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.head === '') {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.head = this.#rest.toString('latin1', 0, end);
      this.#rest = this.#rest.subarray(end + 4);
    }
    if (this.head.startsWith('HTTP/1.1 101')) while (this.#takeFrame());
    for (const wake of this.#waiters) wake();
  }

  /** Servers neither mask nor fragment. */
  #takeFrame(): boolean {
    const rest = this.#rest;
    if (rest.length < 2) return false;
    const short = rest[1]! & 0x7f;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (rest.length < start) return false;
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    if (rest.length < start + length) return false;
    const payload = rest.subarray(start, start + length);
    const opcode = rest[0]! & 0x0f;
    if ((rest[0]! & 0xf0) !== 0x80 || (rest[1]! & 0x80) !== 0) throw new Error('a frame that no server may send');
    if (opcode === OPCODES.close) this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : undefined;
    this.received.push({ opcode, payload });
    this.#rest = rest.subarray(start + length);
    return true;
  }
}

export function upgradeRequest(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    Host: 'gateway',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

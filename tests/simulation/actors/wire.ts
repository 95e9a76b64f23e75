/** A simulated WebSocket between a client and a gateway: the socket that the gateway's sink and gate use, and the network. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { decodeDown, type DownFrame, type Encoding, encodeFrame, type UpFrame } from '@messagecore/protocol';
import type { Connection } from '../../../services/gateway/src/ingress/upgrade.ts';
import { Link, type Pace } from '../engine/link.ts';
import type { Process } from '../engine/process.ts';

export interface WireEnd {
  frame(frame: DownFrame): void;
  /** Anything was received, also a ping. */
  alive(): void;
  closed(): void;
}

export interface WireOptions {
  readonly client: Process;
  readonly gateway: Process;
  readonly encoding: Encoding;
  readonly token: string;
  readonly pace: () => Pace;
  /** How many bytes of a stream's buffer one byte counts for, so that a reader lags after a few frames. */
  readonly byteFactor: number;
  readonly end: WireEnd;
}

const HIGH_WATER = 64 * 1024;
const CLOSE_TIMEOUT_MS = 5_000;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
/** What a pong takes on the line. */
const PONG_BYTES = 6;

export class Wire {
  readonly #options: WireOptions;
  readonly #ws = Object.assign(new EventEmitter(), {
    OPEN,
    readyState: OPEN,
    close: (code: number) => this.#serverCloses(code),
    pause: () => void (this.#isPaused = true),
    resume: () => this.#resume(),
  });
  readonly #socket: ServerSocket;
  readonly #up: Link;
  readonly #down: Link;
  /** The gateway does not read from it: what arrives waits. */
  #isPaused = false;
  readonly #unheard: (() => void)[] = [];
  #reading = true;
  #unread: (() => void)[] = [];
  #clientGone = false;
  #lineCut = false;

  constructor(options: WireOptions) {
    const { client, gateway, pace, byteFactor } = options;
    this.#options = options;
    this.#up = new Link(client.simulator, client.chance, pace);
    this.#down = new Link(client.simulator, client.chance, pace);
    this.#socket = new ServerSocket(byteFactor, (bytes) => {
      const waiting = this.#socket.listenerCount('drain');
      if (waiting > 1) client.simulator.faults.push(`${waiting} wait for one socket to drain`);
      this.#transfer(bytes);
    });
    gateway.onKilled(() => {
      this.#lineCut = true;
      this.#up.cut();
      // The operating system closes the sockets of a killed process.
      this.#down.send(() => this.#read(() => this.#clientCloses()));
    });
  }

  /** What the gateway gets. */
  get connection(): Connection {
    const { encoding, token } = this.#options;
    return { ws: this.#ws, socket: this.#socket as unknown as Socket, encoding, token } as unknown as Connection;
  }

  /** Whether nothing that was sent can still reach the gateway. */
  get over(): boolean {
    return this.#lineCut || this.#ws.readyState === CLOSED;
  }

  send(frame: UpFrame): void {
    const { gateway, encoding } = this.#options;
    const bytes = Buffer.from(encodeFrame(frame, encoding));
    this.#up.send(() =>
      gateway.enter(() =>
        this.#hear(() => {
          if (this.#ws.readyState === CLOSED) return;
          this.#socket.bytesRead += bytes.length;
          this.#ws.emit('message', bytes, encoding === 'msgpack');
        }),
      ),
    );
  }

  /** The client disconnects. `silently`: the gateway is not notified. */
  drop({ silently = false } = {}): void {
    if (this.#clientGone) return;
    this.#clientGone = true;
    this.#down.cut();
    if (silently) {
      this.#lineCut = true;
      this.#up.cut();
    } else this.#up.send(() => this.#options.gateway.enter(() => this.#hear(() => this.#serverClosed())));
  }

  /** The client stops or resumes reading. */
  read(reading: boolean): void {
    this.#reading = reading;
    if (!reading) return;
    for (const arrive of this.#unread.splice(0)) arrive();
  }

  #hear(arrive: () => void): void {
    if (this.#isPaused) this.#unheard.push(arrive);
    else arrive();
  }

  #resume(): void {
    this.#isPaused = false;
    while (!this.#isPaused && this.#unheard.length > 0) this.#unheard.shift()?.();
  }

  #read(arrive: () => void): void {
    if (this.#reading) arrive();
    else this.#unread.push(arrive);
  }

  #transfer(bytes: Uint8Array): void {
    const { client, gateway, end } = this.#options;
    this.#down.send(() =>
      this.#read(() => {
        gateway.enter(() => this.#socket.taken(bytes.length));
        client.enter(() => {
          if (this.#clientGone) return;
          end.alive();
          for (const frame of this.#framesIn(bytes)) if (!this.#clientGone) end.frame(frame);
        });
      }),
    );
  }

  /** A chunk always holds whole frames. Pings are answered by the client's system. */
  #framesIn(bytes: Uint8Array): DownFrame[] {
    const { encoding, gateway } = this.#options;
    const frames: DownFrame[] = [];
    for (let at = 0; at < bytes.length;) {
      const { opcode, start, length } = headerAt(bytes, at);
      const payload = bytes.subarray(start, start + length);
      at = start + length;
      if (opcode === 0x9) this.#up.send(() => gateway.enter(() => void (this.#socket.bytesRead += PONG_BYTES)));
      else if (opcode === 0x2) frames.push(decodeDown(payload, encoding));
      else if (opcode === 0x1) frames.push(decodeDown(new TextDecoder().decode(payload), encoding));
    }
    return frames;
  }

  #serverCloses(_code: number): void {
    if (this.#ws.readyState !== OPEN) return;
    this.#ws.readyState = CLOSING;
    this.#options.gateway.clock.setTimeout(() => this.#serverClosed(), CLOSE_TIMEOUT_MS);
    this.#down.send(() => this.#read(() => this.#clientCloses()));
  }

  #clientCloses(): void {
    if (this.#clientGone) return;
    this.drop();
    this.#options.client.enter(() => this.#options.end.closed());
  }

  #serverClosed(): void {
    if (this.#ws.readyState === CLOSED) return;
    this.#ws.readyState = CLOSED;
    this.#ws.emit('close');
  }
}

function headerAt(bytes: Uint8Array, at: number): { opcode: number; start: number; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const opcode = view.getUint8(at) & 0xf;
  const short = view.getUint8(at + 1);
  if (short === 126) return { opcode, start: at + 4, length: view.getUint16(at + 2) };
  if (short === 127) return { opcode, start: at + 10, length: Number(view.getBigUint64(at + 2)) };
  return { opcode, start: at + 2, length: short };
}

/** As much of a Node stream as a sink uses. */
class ServerSocket extends EventEmitter {
  writableLength = 0;
  writableNeedDrain = false;
  bytesRead = 0;
  readonly #byteFactor: number;
  readonly #transfer: (bytes: Uint8Array) => void;

  constructor(byteFactor: number, transfer: (bytes: Uint8Array) => void) {
    super();
    this.#byteFactor = byteFactor;
    this.#transfer = transfer;
  }

  write(bytes: Uint8Array): boolean {
    this.writableLength += bytes.length * this.#byteFactor;
    if (this.writableLength >= HIGH_WATER) this.writableNeedDrain = true;
    this.#transfer(bytes);
    return !this.writableNeedDrain;
  }

  cork(): void {}
  uncork(): void {}

  taken(bytes: number): void {
    this.writableLength -= bytes * this.#byteFactor;
    if (this.writableLength > 0 || !this.writableNeedDrain) return;
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

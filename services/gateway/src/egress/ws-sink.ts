import type { Socket } from 'node:net';
import { CLOSE, type CloseCode, type DownFrame, type Encoding, encodeFrame, LIMITS } from '@messagecore/protocol';
import type { WebSocket } from 'ws';
import type { Frames } from './block.ts';
import { frameOf, OPCODE, PING, textFrameOf } from './framing.ts';
import { CUT_BYTES, type Sink } from './sink.ts';
import type { Turn } from './turn.ts';

/** Joining costs a copy and spares a system call; above this many bytes the copy costs more. */
const JOIN_BYTES = 64 * 1024;

/**
 * A WebSocket's way out.
 *
 * Frames are ready-made bytes and go straight to the TCP socket, beside `ws`, which writes its own frames (close) whole
 * and at once because nothing is compressed: the two never interleave inside a frame. What a turn hands over leaves as
 * one write. Bounded: room frames are refused above `LIMITS.lagBytes`, and at `CUT_BYTES` the peer is closed.
 */
export class WsSink implements Sink {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #binary: boolean;
  readonly #turn: Turn;
  #first: Uint8Array | undefined;
  #rest: Uint8Array[] | undefined;
  #bytes = 0;
  #dirty = false;
  #drained: (() => void) | undefined;
  #closed = false;

  constructor(ws: WebSocket, socket: Socket, encoding: Encoding, turn: Turn) {
    this.#ws = ws;
    this.#socket = socket;
    this.#binary = encoding === 'msgpack';
    this.#turn = turn;
  }

  get buffered(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  get received(): number {
    return this.#socket.bytesRead;
  }

  deliver(frames: Frames): boolean {
    if (this.#bytes + this.#socket.writableLength > LIMITS.lagBytes) return false;
    this.#push(this.#binary ? frames.binary : frames.text);
    return true;
  }

  insist(frames: Frames): void {
    this.#own(this.#binary ? frames.binary : frames.text);
  }

  send(frame: DownFrame): void {
    this.#own(
      this.#binary ? frameOf(OPCODE.binary, encodeFrame(frame, 'msgpack')) : textFrameOf(encodeFrame(frame, 'json')),
    );
  }

  ping(): void {
    this.#own(PING);
  }

  /** Answers a protocol ping. */
  pong(payload: Uint8Array): void {
    this.#own(frameOf(OPCODE.pong, payload));
  }

  onDrained(callback: () => void): void {
    this.#drained = callback;
    this.#markDirty();
  }

  close(code: CloseCode, reason: string): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#drained = undefined;
    this.#ws.close(code, reason);
  }

  flush(): void {
    this.#dirty = false;
    const first = this.#first;
    const rest = this.#rest;
    const bytes = this.#bytes;
    this.#first = undefined;
    this.#rest = undefined;
    this.#bytes = 0;
    if (this.#closed || this.#ws.readyState !== this.#ws.OPEN) return;
    if (first !== undefined) this.#write(first, rest, bytes);
    if (this.#drained !== undefined) this.#awaitDrain();
  }

  #write(first: Uint8Array, rest: Uint8Array[] | undefined, bytes: number): void {
    const socket = this.#socket;
    if (rest === undefined) {
      socket.write(first);
    } else if (bytes <= JOIN_BYTES) {
      socket.write(Buffer.concat([first, ...rest], bytes));
    } else {
      socket.cork();
      socket.write(first);
      for (const more of rest) socket.write(more);
      socket.uncork();
    }
  }

  #awaitDrain(): void {
    const done = () => {
      const callback = this.#drained;
      this.#drained = undefined;
      callback?.();
    };
    if (this.#socket.writableNeedDrain) this.#socket.once('drain', done);
    else done();
  }

  /** A frame that is not refused while there is room to `CUT_BYTES`. */
  #own(frame: Uint8Array): void {
    if (this.buffered > CUT_BYTES) this.close(CLOSE.tooFarBehind, 'never reads');
    else this.#push(frame);
  }

  #push(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (this.#first === undefined) this.#first = bytes;
    else if (this.#rest === undefined) this.#rest = [bytes];
    else this.#rest.push(bytes);
    this.#bytes += bytes.length;
    this.#markDirty();
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#turn.add(this);
  }
}
